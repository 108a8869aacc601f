"""An agent's page, section by section."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from agents_core import clock, operations
from agents_core.testing import step
from operators.console.pages import PAGE, address
from tests.agents_core.agents import Plumbing
from tests.agents_core.albums import Album
from tests.agents_core.counter import Counter
from tests.agents_core.outside import Asker
from tests.operators.console.conftest import Counted

SECTIONS = ("change", "collections", "files", "mail", "oplog", "versions", "history")
HOSTILE = "</pre><script>alert(1)</script>"


def text(client: Client, page: str, agent_id: str = "counter:a", **query: str) -> str:
    answer = client.get(address(f"agent_{page}", agent_id, **query))
    assert answer.status_code == 200, (page, answer.status_code)
    return answer.content.decode()


def test_its_head_says_what_it_is(ann: Client) -> None:
    Counter.of("a").created_with({"flavour": "oat"})
    Counter.of("a").trigger.add(1)

    page = text(ann, "change")

    assert "counter:a" in page
    assert 'class="status status-running"' in page
    assert "<dt>Version</dt><dd>1</dd>" in page
    assert "<dt>Waiting</dt><dd>1</dd>" in page
    assert '<dt>flavour</dt><dd class="id">oat</dd>' in page
    assert '<dt>name</dt><dd class="id">a</dd>' in page


def test_it_shows_the_document_in_colours(ann: Client) -> None:
    Counter.of("a").add(41, "first")

    page = text(ann, "change")

    assert (
        '<span class="json-name">&quot;count&quot;</span>: <span class="json-number">41</span>'
        in page
    )


@pytest.mark.parametrize("section", SECTIONS)
def test_nothing_hostile_is_html_anywhere(ann: Client, letter: str, section: str) -> None:
    counter = Counter.of("a")
    counter.add(1, HOSTILE)
    counter.put_note(HOSTILE, HOSTILE, 1)
    counter.schedule(at=clock.now() + timedelta(days=1), name=HOSTILE).add(1, HOSTILE)
    counter.trigger.add(1, HOSTILE)
    operations.retry("counter:a", letter, by=HOSTILE, args={"message": HOSTILE})
    operations.interrupt("counter:a", by=HOSTILE)

    page = text(ann, section, **({"name": "notes"} if section == "collections" else {}))

    assert "<script>alert" not in page
    shown = "&lt;script&gt;alert(1)" in page
    assert shown == (section not in ("files", "versions"))


def test_what_is_not_seen_is_written_out(ann: Client) -> None:
    Counter.of("a").add(1, "a\u202eb\u200bc")
    assert r"a\u202eb\u200bc" in text(ann, "change")


def test_a_large_document_is_cut_and_can_be_had_whole(ann: Client) -> None:
    Counter.of("a").grow(90_000)

    assert "more characters" in text(ann, "change")
    whole = ann.get(address("agent_document", "counter:a"))
    assert whole.json() == {"count": 0, "seen": ["x" * 90_000]}
    assert whole["Content-Disposition"].startswith("attachment")


def test_it_shows_collections_and_pages_of_them(ann: Client) -> None:
    for number in range(60):
        Counter.of("a").put_note(f"n{number}", f"note {number}", number)

    first = text(ann, "collections", name="notes")
    assert "note 59" in first
    assert "note 9<" not in first.replace("&quot;", "<")
    answer = ann.get(address("agent_collections", "counter:a", name="notes"))
    second = ann.get(
        answer.context["paged"].more
        and address("agent_collections", "counter:a") + answer.context["paged"].more
    )
    assert "note 9" in second.content.decode()
    oldest = text(ann, "collections", name="notes", order="oldest")
    assert "note 0" in oldest


def test_a_collection_that_it_has_not_is_refused(ann: Client) -> None:
    Counter.of("a").add()
    answer = ann.get(address("agent_collections", "counter:a", name="spam"))
    assert answer.status_code == 404
    assert "counter:a has no collection spam" in answer.content.decode()


def test_it_shows_all_mail_with_tries_and_errors(ann: Client, letter: str) -> None:
    Counter.of("a").trigger.add(5, "waits")
    Counter.of("a").schedule(at=clock.now() + timedelta(days=1), name="nightly").add(7)

    page = text(ann, "mail")

    assert "&quot;waits&quot;" in page
    assert "nightly" in page
    assert "RuntimeError: no luck" in page
    assert '<td class="number">4</td>' in page


def test_it_shows_effects_on_their_way(ann: Client) -> None:
    Asker.of("a").ask("send", ["hello"])
    page = text(ann, "mail", "asker:a")
    assert "post-office:" in page
    assert "&quot;hello&quot;" in page


def test_it_shows_files_and_gives_them_out(ann: Client) -> None:
    Album.of("a").write("a&b.html", HOSTILE)

    page = text(ann, "files", "album:a")
    answer = ann.get(address("agent_file", "album:a", name="a&b.html"))

    assert "a&amp;b.html</a>" in page
    assert b"".join(answer.streaming_content) == HOSTILE.encode()
    assert answer["Content-Disposition"] == 'attachment; filename="a&b.html"'
    assert answer["Content-Type"] == "application/octet-stream"
    assert ann.get(address("agent_file", "album:a", name="other")).status_code == 404


def test_files_go_on_by_cursor(ann: Client) -> None:
    for number in range(PAGE + 1):
        Album.of("a").write(f"{number:02}.txt", "x")

    first = ann.get(address("agent_files", "album:a"))
    second = ann.get(address("agent_files", "album:a") + first.context["paged"].more)

    assert [file.name for file in second.context["files"]] == [f"{PAGE:02}.txt"]


def test_what_the_runtime_keeps_for_itself_is_no_collection_here(ann: Client) -> None:
    Album.of("a").write("x", "y")
    assert "~files" not in text(ann, "collections", "album:a")


def test_mail_goes_on_by_cursor(ann: Client) -> None:
    Counter.of("a").add()
    for number in range(60):
        Counter.of("a").trigger.add(number)

    answer = ann.get(address("agent_mail", "counter:a"))
    [found] = [one for one in answer.context["lists"] if one.kind == "message"]
    more = ann.get(address("agent_mail", "counter:a") + found.paged.more)

    assert [one.kind for one in more.context["lists"]] == ["message"]
    assert [mail.args["amount"] for mail in more.context["lists"][0].page.items] == list(
        range(50, 60)
    )


def test_it_searches_the_oplog(ann: Client) -> None:
    for label in ("red", "blue", "green"):
        Counter.of("a").add(1, label)

    answer = ann.get(address("agent_oplog", "counter:a", q="args.label:(red OR blue)"))

    assert [entry.index for entry in answer.context["page"].items] == [2, 1]


def test_an_entry_says_in_a_line_what_was_asked_and_how_it_ended(ann: Client) -> None:
    Counter.of("a").add()
    Counter.of("a").trigger.fail("no luck")
    step()
    page = text(ann, "oplog", "counter:a")
    assert "fail {&quot;message&quot;: &quot;no luck&quot;} → RuntimeError: no luck" in page


def test_a_bad_query_is_told_beside_the_field_and_kept(ann: Client) -> None:
    Counter.of("a").add()

    answer = ann.get(address("agent_oplog", "counter:a", q='kind:("<b>'))

    assert answer.status_code == 422
    page = answer.content.decode()
    assert "is not understood at character" in page
    assert 'aria-describedby="oplog-hint oplog-error" aria-invalid="true"' in page
    assert 'value="kind:(&quot;&lt;b&gt;"' in page


def test_the_oplog_goes_on_by_cursor(ann: Client) -> None:
    for _ in range(60):
        Counter.of("a").add()

    answer = ann.get(address("agent_oplog", "counter:a", q="kind:command"))
    more = ann.get(address("agent_oplog", "counter:a") + answer.context["paged"].more)

    assert [entry.index for entry in more.context["page"].items] == list(range(10, 0, -1))
    assert more.context["paged"].first == "?q=kind%3Acommand"


def test_it_tells_who_did_what(ann: Client) -> None:
    Counter.of("a").add()
    operations.interrupt("counter:a", by="zoe")

    page = text(ann, "history")

    assert "<td>zoe</td><td>interrupt</td>" in page


@pytest.mark.parametrize("section", SECTIONS)
def test_of_an_agent_that_is_not_there_the_rest_is_shown(ann: Client, section: str) -> None:
    Counter.of("gone").add()
    operations.delete("counter:gone", by="zoe")

    answer = ann.get(address(f"agent_{section}", "counter:gone"))

    assert answer.status_code == (200 if section in ("mail", "history") else 404)
    page = answer.content.decode()
    assert "There is no agent counter:gone" in page
    assert ("zoe" in page) == (section == "history")


@pytest.mark.parametrize("section", SECTIONS)
def test_what_no_agent_can_be_called_has_no_page(ann: Client, section: str) -> None:
    assert ann.get(address(f"agent_{section}", "plumbing:one/two/three")).status_code == 404
    assert ann.get(address(f"agent_{section}", "no agent")).status_code == 404


@pytest.mark.parametrize("section", ["collections", "mail", "oplog", "versions", "history"])
def test_a_cursor_that_is_not_ours_is_refused(ann: Client, section: str) -> None:
    Counter.of("a").add()
    query = {"cursor": "nonsense"} | ({"name": "notes"} if section == "collections" else {})
    answer = ann.get(address(f"agent_{section}", "counter:a", **query))
    assert answer.status_code == 422
    assert "This cursor is not one of ours" in answer.content.decode()


def test_ids_with_odd_letters_have_pages(ann: Client) -> None:
    Plumbing.of(7, "a/b ü_3A%?#").note("here")
    assert "&quot;here&quot;" in text(ann, "change", Plumbing.of(7, "a/b ü_3A%?#").id)


@pytest.mark.parametrize("section", SECTIONS)
def test_a_section_asks_the_database_as_often_of_much_as_of_little(
    ann: Client, section: str, statements: Counted
) -> None:
    Counter.of("a").put_note("n0", "note", 0)
    query = {"name": "notes"} if section == "collections" else {}
    text(ann, section, **query)
    with statements() as few:
        text(ann, section, **query)
    for number in range(1, 60):
        Counter.of("a").put_note(f"n{number}", "note", number)
        Counter.of("a").trigger.add()
    with statements() as many:
        text(ann, section, **query)

    assert len(many) == len(few) < 16
