"""The runtime in Django's admin: its addresses, and who may what.

`view_agent` sees everything, `change_agent` operates, `delete_agent` also deletes. No page writes a
table: they read through `operators` and act through `operations`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from agents_core.models import Agent, Operation
from operators.console import agent, journal, listing, mail, many, operate, overview, rolling
from operators.console.pages import told

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin

View = Callable[..., HttpResponseBase]


class Watched(Base):
    """What the admin shows to who may see agents, and never edits by form."""

    listed: Callable[..., HttpResponse]

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return told(type(self).listed, request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.has_perm("agents_core.view_agent"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Agent)
class AgentAdmin(Watched):
    """Every agent, its page, and what operators do to it."""

    listed = listing.agents

    def get_urls(self) -> list[URLPattern]:
        def page(route: str, view: View, name: str) -> URLPattern:
            return path(route, self._seen(view), name=f"agents_core_{name}")

        return [
            page("", listing.agents, "agent_changelist"),
            page("overview/", overview.overview, "overview"),
            page("dead-letters/", mail.dead_letters, "letters"),
            page("many/", many.ask, "many"),
            page("rollouts/", rolling.listed, "rollouts"),
            page("rollouts/begin/", rolling.begin, "rollout"),
            page("rollouts/<str:rollout>/pause/", rolling.pause, "rollout_pause"),
            page("rollouts/<str:rollout>/resume/", rolling.resume, "rollout_resume"),
            page("<str:object_id>/change/", agent.document, "agent_change"),
            page("<str:object_id>/history/", agent.history, "agent_history"),
            page("<str:object_id>/document.json", agent.document_json, "agent_document"),
            page("<str:object_id>/collections/", agent.collections, "agent_collections"),
            page("<str:object_id>/files/", agent.files, "agent_files"),
            page("<str:object_id>/file/", agent.file, "agent_file"),
            page("<str:object_id>/mail/", mail.mail, "agent_mail"),
            page("<str:object_id>/oplog/", agent.oplog, "agent_oplog"),
            page("<str:object_id>/versions/", agent.versions, "agent_versions"),
            page("<str:object_id>/do/<str:operation>/", operate.ask, "agent_operate"),
        ]

    def _seen(self, view: View) -> View:
        def seen(request: HttpRequest, **named: str) -> HttpResponseBase:
            if not self.has_view_permission(request):
                raise PermissionDenied
            return told(view, request, **named)

        return self.admin_site.admin_view(seen)


@admin.register(Operation)
class OperationAdmin(Watched):
    """Who did what."""

    listed = journal.operations
