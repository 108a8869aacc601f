"""An agent's page, section by section. Each has an address of its own and works without script."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse

from agents_core import files as agent_files
from agents_core import operators, registry
from agents_core import oplog as oplog_kinds
from agents_core.collections import CursorNotValid
from agents_core.errors import AgentError, NoSuchFile
from agents_core.lifecycle import Operation
from agents_core.oplog_search import OplogPage, search_oplog
from agents_core.shown import AgentDetail, CollectionView
from operators.console.actions import ACTIONS
from operators.console.pages import PAGE, Paged, address, agent_id_in, find_agent, may, render

SECTIONS = {
    "change": "Document",
    "collections": "Collections",
    "files": "Files",
    "mail": "Mail",
    "oplog": "Oplog",
    "versions": "Versions",
    "history": "Operations",
}
_OF_NOBODY = ("mail", "history")
"""An agent that does not exist, not yet or no more, has these."""
_OF_VERSIONS = "kind:({})".format(
    " OR ".join(
        f'"{kind}"'
        for kind in (
            oplog_kinds.UPDATE_ASKED,
            oplog_kinds.UPDATE,
            oplog_kinds.UPDATE_FAILED,
            oplog_kinds.REVERT,
        )
    )
)


class Tab(NamedTuple):
    """One section in the row of sections."""

    label: str
    address: str
    here: bool


class Button(NamedTuple):
    """An action, or why it cannot be done now."""

    name: str
    label: str
    address: str
    destroys: bool
    why_not: str | None


def document(request: HttpRequest, object_id: str) -> HttpResponse:
    """What it is now."""
    return section(request, object_id, "change")


def document_json(request: HttpRequest, object_id: str) -> HttpResponse:
    """The whole document, as a file."""
    agent_id = agent_id_in(object_id)
    agent = find_agent(agent_id)
    if agent is None:
        raise Http404(f"There is no agent {agent_id}.")
    answer = JsonResponse(agent.state, safe=False, json_dumps_params={"indent": 2})
    answer["Content-Disposition"] = 'attachment; filename="document.json"'
    return answer


def collections(request: HttpRequest, object_id: str) -> HttpResponse:
    """Its collections, and a page of one of them."""
    agent_id = agent_id_in(object_id)
    name, oldest_first = request.GET.get("name"), request.GET.get("order") == "oldest"
    context: dict[str, Any] = {"collections": _collections(agent_id), "name": name}
    if name is None:
        return section(request, object_id, "collections", **context)
    cursor = request.GET.get("cursor")
    try:
        page = operators.items(agent_id, name, oldest_first=oldest_first, cursor=cursor, limit=PAGE)
    except AgentError as refusal:
        return refused(request, object_id, "collections", refusal, **context)
    paged = Paged.of(request, page.next_cursor)
    context |= {"page": page, "oldest_first": oldest_first, "paged": paged}
    return section(request, object_id, "collections", **context)


def files(request: HttpRequest, object_id: str) -> HttpResponse:
    """Its folder, by name."""
    agent_id = agent_id_in(object_id)
    found = agent_files.list_files(agent_id, after=request.GET.get("cursor", ""), limit=PAGE + 1)
    paged = Paged.of(request, found[PAGE - 1].name if len(found) > PAGE else None)
    return section(request, object_id, "files", files=found[:PAGE], paged=paged)


def file(request: HttpRequest, object_id: str) -> HttpResponse | FileResponse:
    """One file, to be kept: nothing of it is shown or run here, whatever it says it is."""
    try:
        found = agent_files.find_file(agent_id_in(object_id), request.GET.get("name", ""))
        opened = agent_files.open_file(found)
    except (NoSuchFile, FileNotFoundError) as error:
        raise Http404("There is no such file.") from error
    plain = "application/octet-stream"
    return FileResponse(opened, as_attachment=True, filename=found.name, content_type=plain)


def oplog(request: HttpRequest, object_id: str) -> HttpResponse:
    """What it did, searched in the language of `oplog_query`."""
    query = request.GET.get("q", "")
    page, refusal = _search(request, object_id, query)
    return section(
        request,
        object_id,
        "oplog",
        refusal.status if refusal else 200,
        query=query,
        page=page,
        query_problem=refusal.message if refusal else None,
        paged=Paged.of(request, page.next_cursor),
    )


def versions(request: HttpRequest, object_id: str) -> HttpResponse:
    """Which versions of its code there are, and what changed its own."""
    page, refusal = _search(request, object_id, _OF_VERSIONS)
    known = registry.versions_of(agent_id_in(object_id).partition(":")[0])
    if refusal:
        return refused(request, object_id, "versions", refusal, known=known)
    paged = Paged.of(request, page.next_cursor)
    return section(request, object_id, "versions", known=known, page=page, paged=paged)


def _search(
    request: HttpRequest, object_id: str, query: str
) -> tuple[OplogPage, AgentError | None]:
    cursor = request.GET.get("cursor")
    try:
        found = search_oplog(agent_id_in(object_id), query, limit=PAGE, cursor=cursor)
    except AgentError as refusal:
        return OplogPage([], None), refusal
    return found, None


def history(request: HttpRequest, object_id: str) -> HttpResponse:
    """What operators did to it, by whichever door; kept when it is deleted."""
    agent_id, cursor = agent_id_in(object_id), request.GET.get("cursor")
    try:
        page = operators.operations(agent_id, cursor=cursor, limit=PAGE)
    except CursorNotValid as refusal:
        return refused(request, object_id, "history", refusal)
    return section(
        request, object_id, "history", page=page, paged=Paged.of(request, page.next_cursor)
    )


def section(
    request: HttpRequest, object_id: str, name: str, status: int = 200, /, **context: Any
) -> HttpResponse:
    """A section in the agent's frame."""
    agent_id = agent_id_in(object_id)
    agent = find_agent(agent_id)
    buttons = _buttons(request, agent) if agent else []
    frame = {
        "agent_id": agent_id,
        "agent": agent,
        "buttons": buttons,
        "can_revert": any(one.name == Operation.REVERT and not one.why_not for one in buttons),
        "tabs": [
            Tab(label, address(f"agent_{tab}", agent_id), tab == name)
            for tab, label in SECTIONS.items()
        ],
    }
    if agent is None and status == 200 and name not in _OF_NOBODY:
        status = 404
    return render(request, name, agent_id, status, **frame, **context)


def refused(
    request: HttpRequest, object_id: str, name: str, refusal: AgentError, /, **context: Any
) -> HttpResponse:
    """A section that only says why it shows nothing."""
    return section(request, object_id, name, refusal.status, problem=refusal.message, **context)


def _collections(agent_id: str) -> list[CollectionView]:
    """Those it declares or has; what the runtime keeps for itself has no section here."""
    return [one for one in operators.collections(agent_id) if not one.name.startswith("~")]


def _buttons(request: HttpRequest, agent: AgentDetail) -> list[Button]:
    return [
        Button(
            action.name,
            action.label,
            address("agent_operate", agent.agent_id, action.name),
            action.destroys,
            action.why_not(agent) if may(request, action.needs) else "You may not do this.",
        )
        for action in ACTIONS.values()
        if not action.to_mail
    ]
