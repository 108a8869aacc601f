"""What the API says about the caller's own credential."""

from django.http import HttpRequest
from ninja import Router, Schema, Status

from accounts import tickets
from accounts.sockets import credential_of

router = Router(tags=["tickets"])


class Ticket(Schema):
    """Opens one socket, `/ws/v1/updates?ticket=…` at the live address, within `expires_in` s."""

    ticket: str
    expires_in: int


@router.post("", response={201: Ticket})
def create_ticket(request: HttpRequest) -> Status[Ticket]:
    """A ticket for who can send neither a header nor a cookie with a socket's handshake. Each call
    makes another."""
    ticket = tickets.issue(credential_of(request))
    return Status(201, Ticket(ticket=ticket, expires_in=tickets.SECONDS))
