"""What people type is made safe to show. Pure rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.text import EmailNotValid
from socialnet.agents import text
from socialnet.agents.errors import (
    ContentNotValid,
    NameNotValid,
    UserIdNotValid,
)
from socialnet.agents.schemas import POST_MAX


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  hello \n", "hello"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("nul\x00 bell\x07 esc\x1b[31m", "nul bell esc[31m"),
        ("e\u0301", "\u00e9"),
        ("abc\u202edcba", "abcdcba"),
        ("\u2066isolated\u2069", "isolated"),
        ("half \ud83d surrogate", "half  surrogate"),
        (
            "👩\u200d🚀 \u05e9\u05dc\u05d5\u05dd\u200f!",
            "👩\u200d🚀 \u05e9\u05dc\u05d5\u05dd\u200f!",
        ),
        ("\u200b\u2060\ufeff", ""),
        ("\u2800\u3164", ""),
        ("\ttabs\tstay\t", "tabs\tstay"),
    ],
)
def test_it_keeps_what_is_safe_to_show(typed: str, kept: str) -> None:
    assert text.clean(typed) == kept


@given(st.text())
def test_it_has_nothing_more_to_clean_the_second_time(typed: str) -> None:
    assert text.clean(text.clean(typed)) == text.clean(typed)


@given(st.text())
def test_what_it_keeps_can_be_stored(typed: str) -> None:
    kept = text.clean(typed)
    assert "\0" not in kept
    kept.encode()


@pytest.mark.parametrize("content", ["", "   ", "\u200b", "\x00", "x" * (POST_MAX + 1)])
def test_it_refuses_a_post_that_is_empty_or_too_long(content: str) -> None:
    with pytest.raises(ContentNotValid) as refusal:
        text.clean_post(content)
    assert refusal.value.status == 422


def test_it_counts_a_post_after_trimming() -> None:
    assert len(text.clean_post(f"  {'x' * POST_MAX}  ")) == POST_MAX


def test_it_puts_a_name_on_one_line() -> None:
    assert text.clean_name(" Ada\n  Lovelace ") == "Ada Lovelace"


@pytest.mark.parametrize("name", [None, "", "  ", "\u200b"])
def test_it_takes_a_name_with_nothing_to_see_for_none(name: str | None) -> None:
    assert text.clean_name(name) is None


def test_it_refuses_a_long_name() -> None:
    with pytest.raises(NameNotValid):
        text.clean_name("x" * 81)


@pytest.mark.parametrize(
    "email", ["nobody", "a@", "@b.org", "a b@c.org", "a@b@c.org", "a@localhost"]
)
def test_it_refuses_what_is_no_address(email: str) -> None:
    with pytest.raises(EmailNotValid):
        text.clean_email(email)


def test_it_writes_an_address_in_one_way() -> None:
    assert text.clean_email(" Ada@EXAMPLE.org ") == "Ada@example.org"


@pytest.mark.parametrize("user_id", ["", "Ada", "a/b", "a b", "x" * 65, ".", "..", "ada\n"])
def test_it_refuses_an_id_that_no_account_can_have(user_id: str) -> None:
    with pytest.raises(UserIdNotValid):
        text.checked_user_id(user_id)
