"""Who may operate agents: staff, by token or session."""

from django.http import HttpRequest

from accounts.auth import SessionAuth, TokenAuth
from accounts.caller import Person, StaffOnly


def _staff(person: Person | None) -> Person | None:
    if person is not None and not person.is_staff:
        raise StaffOnly
    return person


class StaffToken(TokenAuth):
    """A token of a staff account."""

    def __call__(self, request: HttpRequest) -> Person | None:
        return _staff(super().__call__(request))


class StaffSession(SessionAuth):
    """A session of a staff account."""

    def __call__(self, request: HttpRequest) -> Person | None:
        return _staff(super().__call__(request))


STAFF = (StaffToken(), StaffSession())
