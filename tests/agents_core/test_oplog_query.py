"""The language of oplog searches: what a text means, and what is refused with which words."""

from __future__ import annotations

import pytest

from agents_core.oplog_query import (
    MAX_CONDITIONS,
    MAX_DEPTH,
    MAX_LENGTH,
    All,
    Condition,
    Node,
    Not,
    QueryNotValid,
    Some,
    Sort,
    parse,
)


def word(text: str, field: str | None = None) -> Condition:
    return Condition(Sort.WORD, text, field)


def phrase(text: str, field: str | None = None) -> Condition:
    return Condition(Sort.PHRASE, text, field)


def regex(text: str, field: str | None = None) -> Condition:
    return Condition(Sort.REGEX, text, field)


A, B, C, D = (word(letter) for letter in "abcd")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", All(())),
        (" \t\n\u3000", All(())),
        ("a", A),
        ("  a  ", A),
        ("a b c", All((A, B, C))),
        ("a AND b OR c", Some((All((A, B)), C))),
        ("a OR b AND c", Some((A, All((B, C))))),
        ("a OR b c", All((Some((A, B)), C))),
        ("a b OR c d", All((A, Some((B, C)), D))),
        ("a OR b\u3000OR c", Some((A, B, C))),
        ("NOT a b", All((Not(A), B))),
        ("NOT a AND b", All((Not(A), B))),
        ("NOT NOT a", Not(Not(A))),
        ("NOT (a OR b)", Not(Some((A, B)))),
        ("NOT(a)", Not(A)),
        ("a OR(b)", Some((A, B))),
        ("((a))", A),
        ("( a ) ( b )", All((A, B))),
        ("(a)(b)", All((A, B))),
        ('a"b"c', All((A, phrase("b"), C))),
        ("a and b or not c", All((A, word("and"), B, word("or"), word("not"), C))),
        ("ANDROID NOTES ORAL", All((word("ANDROID"), word("NOTES"), word("ORAL")))),
        (r"\AND \OR N\OT", All((word("AND"), word("OR"), word("NOT")))),
        (r"a\ b\:c\"\\", word('a b:c"\\')),
        ('"a b"', phrase("a b")),
        ('""', phrase("")),
        (r'"a \"b\" \\ (OR) :"', phrase('a "b" \\ (OR) :')),
        ("/a b/", regex("a b")),
        (r"/a\/b\d\\/", regex(r"a/b\d\\")),
        ('/["()]/', regex('["()]')),
        ("f:a", word("a", "f")),
        ("f=a", word("a", "f")),
        ("f : a", word("a", "f")),
        ("f.g.h:a", word("a", "f.g.h")),
        (r"f\ g:a", word("a", "f g")),
        ("f:counter:b", word("counter:b", "f")),
        ("f:a=b/c", word("a=b/c", "f")),
        ("f:-5", word("-5", "f")),
        ("f:a-b+c", word("a-b+c", "f")),
        ("f:b a", All((word("b", "f"), A))),
        ('f:"a b"', phrase("a b", "f")),
        ("f:/a/", regex("a", "f")),
        ("f:(a OR b)", Some((word("a", "f"), word("b", "f")))),
        ('f:(a "b" NOT /c/)', All((word("a", "f"), phrase("b", "f"), Not(regex("c", "f"))))),
        ("f:(g:a b)", All((word("a", "f.g"), word("b", "f")))),
        ("NOT f:a", Not(word("a", "f"))),
        ("f:NOTE", word("NOTE", "f")),
        (r"f:\NOT", word("NOT", "f")),
        ("id:G1001 OR id:G1000", Some((word("G1001", "id"), word("G1000", "id")))),
        ("*", word("*")),
    ],
)
def test_it_reads_what_is_written(text: str, tree: Node) -> None:
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("(a", 3, '")" for the "(" at character 1'),
        ("a (b (c)", 9, '")" for the "(" at character 3'),
        ("a)", 2, '"(" before this ")"'),
        ("()", 2, "a word"),
        ("a OR", 5, "a word"),
        ("a AND  ", 8, "a word"),
        ("(a OR)", 4, r'"\OR" is the word OR'),
        ("a OR OR b", 6, r'"\OR" is the word OR'),
        ("AND a", 1, r'"\AND" is the word AND'),
        ("NOT", 4, "a word"),
        ("f:", 3, "a word"),
        ("f:)", 3, "a word"),
        ("f: OR", 4, r'"\OR" is the word OR'),
        ("NOT:a", 1, r'"\NOT" is the word NOT'),
        ("NOT : a", 1, r'"\NOT" is the word NOT'),
        (":a", 1, r'"\:"'),
        ("-a", 1, r'"\-"'),
        ("a !b", 3, r'"\!"'),
        ("a[0]", 2, r'"\["'),
        ("f:{a", 3, r'"\{"'),
        ("//", 2, "a regular expression between the slashes"),
        ("a /b", 5, "ends the regular expression of character 3"),
        ('a "b', 5, "ends the phrase of character 3"),
        ("a\\", 3, 'a character after the "\\"'),
        ('"a\\', 4, 'a character after the "\\"'),
        ("ab\0", 3, "a character that text can have"),
        ("\ud800", 1, "a character that text can have"),
    ],
)
def test_it_refuses_what_is_not_a_query_and_says_where_and_what_it_expected(
    text: str, position: int, expected: str
) -> None:
    with pytest.raises(QueryNotValid) as refused:
        parse(text)

    assert refused.value.code == "query_not_valid"
    assert refused.value.facts["position"] == position
    assert expected in refused.value.facts["expected"]
    assert f"at character {position}: expected" in refused.value.message


@pytest.mark.parametrize(
    ("longest", "position"),
    [
        ("a" * MAX_LENGTH, MAX_LENGTH + 1),
        ("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH, MAX_DEPTH + 1),
        ("NOT " * MAX_DEPTH + "a", 4 * MAX_DEPTH + 5),
        ("a " * MAX_CONDITIONS, 2 * MAX_CONDITIONS + 1),
    ],
    ids=["length", "groups", "negations", "conditions"],
)
def test_it_has_bounds(longest: str, position: int) -> None:
    parse(longest)
    further = {"(": f"({longest})", "N": f"NOT {longest}"}.get(longest[0], f"{longest}a")
    with pytest.raises(QueryNotValid) as refused:
        parse(further)

    assert refused.value.facts["position"] == position
    assert "at most" in refused.value.facts["expected"]


def test_it_knows_where_each_condition_begins() -> None:
    match parse('a NOT f:/x/ ("b")'):
        case All(of=(Condition() as first, Not(node=Condition() as second), Condition() as third)):
            assert [first.position, second.position, third.position] == [1, 9, 14]
        case tree:
            pytest.fail(str(tree))
