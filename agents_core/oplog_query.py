"""The language of oplog searches: text in, a tree of conditions out.

    query   = either (either)*                 side by side: all must hold; binds least of all
    either  = both ("OR" both)*
    both    = not ("AND" not)*
    not     = "NOT" not | clause
    clause  = field (":" | "=") value | value
    value   = "(" query ")" | "phrase" | /regular expression/ | word

A backslash takes the next character's meaning away. A field before a group is every clause's of the
group; a field inside of it goes on with the path (`args:(to:bob)` is `args.to:bob`).
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as declared
from enum import Enum

from agents_core.errors import Rejected

MAX_LENGTH = 2_000
"""Characters of a query."""
MAX_DEPTH = 32
"""How deep parentheses and `NOT` may be in each other."""
MAX_CONDITIONS = 64
"""Words, phrases and regular expressions of a query."""

_SPACES = " \t\n\r\f\v\u3000"
_KEYWORDS = ("AND", "OR", "NOT")
_OPERATORS = ":="
_ENDS_WORD = _SPACES + '()"'
_RESERVED = "!^<>[]{}~"
"""Without a meaning here, but with one in other languages of this kind."""


class QueryNotValid(Rejected):
    """This query is not understood at character {position}: expected {expected}."""

    code = "query_not_valid"
    status = 422


class Sort(Enum):
    """How the text of a condition compares."""

    WORD = "word"
    """A part of the value, whatever the case of its letters."""
    PHRASE = "phrase"
    """A part of the value, exactly so."""
    REGEX = "regex"
    """A regular expression that fits a part of the value."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Some value (of the field of that path, if there is one) has that text in it."""

    sort: Sort
    text: str
    field: str | None = None
    position: int = declared(default=1, compare=False)
    """Where it begins in the query, counted from 1."""


@dataclass(frozen=True, slots=True)
class All:
    """Every one of these holds."""

    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Some:
    """One of these holds, at least."""

    of: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """This does not hold."""

    node: Node


Node = Condition | All | Some | Not


def parse(text: str) -> Node:
    """The tree of a query; the empty one holds always (`All(())`). Refuses with `QueryNotValid`."""
    if len(text) > MAX_LENGTH:
        raise QueryNotValid(position=MAX_LENGTH + 1, expected=f"at most {MAX_LENGTH} characters")
    for position, character in enumerate(text, 1):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            raise QueryNotValid(position=position, expected="a character that text can have")
    return _Parser(text).parse()


class _Parser:
    """Reads from left to right; `at` is the next character's place."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.conditions = 0

    def parse(self) -> Node:
        self.skip_spaces()
        if self.at == len(self.text):
            return All(())
        node = self.query("")
        if self.at < len(self.text):
            raise self.refusal('"(" before this ")"')
        return node

    def query(self, field: str) -> Node:
        nodes = [self.either(field)]
        while self.at < len(self.text) and self.text[self.at] != ")":
            nodes.append(self.either(field))
        return nodes[0] if len(nodes) == 1 else All(tuple(nodes))

    def either(self, field: str) -> Node:
        nodes = [self.both(field)]
        while self.took_keyword("OR"):
            nodes.append(self.both(field))
        return nodes[0] if len(nodes) == 1 else Some(tuple(nodes))

    def both(self, field: str) -> Node:
        nodes = [self.negated(field)]
        while self.took_keyword("AND"):
            nodes.append(self.negated(field))
        return nodes[0] if len(nodes) == 1 else All(tuple(nodes))

    def negated(self, field: str) -> Node:
        if not self.took_keyword("NOT"):
            return self.clause(field)
        self.deeper()
        node = Not(self.negated(field))
        self.depth -= 1
        return node

    def clause(self, field: str) -> Node:
        start = self.at
        if self.starts_word():
            word = self.word(in_value=False)
            after_word = self.at
            self.skip_spaces()
            if self.at < len(self.text) and self.text[self.at] in _OPERATORS:
                if self.text[start:after_word] in _KEYWORDS:
                    raise self.refusal(_instead_of(self.text[start:after_word]), start)
                self.at += 1
                self.skip_spaces()
                return self.value(f"{field}.{word}" if field else word, after_field=True)
            if self.text[start:after_word] in _KEYWORDS:
                raise self.refusal(_instead_of(self.text[start:after_word]), start)
            return self.condition(Sort.WORD, word, field, start)
        return self.value(field, after_field=False)

    def value(self, field: str, *, after_field: bool) -> Node:
        start = self.at
        match self.text[start : start + 1]:
            case "(":
                return self.group(field)
            case '"':
                return self.condition(Sort.PHRASE, self.phrase(), field, start)
            case "/":
                return self.condition(Sort.REGEX, self.regex(), field, start)
            case "" | ")":
                raise self.refusal('a word, a "phrase", a /regular expression/ or a group')
        if not after_field:
            raise self.refusal(f'a word, or "\\{self.text[start]}" to search for this character')
        word = self.word(in_value=True)
        if self.text[start : self.at] in _KEYWORDS:
            raise self.refusal(_instead_of(word), start)
        self.skip_spaces()
        return self.condition(Sort.WORD, word, field, start)

    def group(self, field: str) -> Node:
        start = self.at
        self.deeper()
        self.at += 1
        self.skip_spaces()
        node = self.query(field)
        if self.at == len(self.text):
            raise self.refusal(f'")" for the "(" at character {start + 1}')
        self.at += 1
        self.depth -= 1
        self.skip_spaces()
        return node

    def condition(self, sort: Sort, text: str, field: str, start: int) -> Condition:
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            raise self.refusal(f"at most {MAX_CONDITIONS} words and phrases", start)
        return Condition(sort, text, field or None, start + 1)

    def starts_word(self) -> bool:
        rest = self.text[self.at : self.at + 1]
        return bool(rest) and rest not in _ENDS_WORD + _RESERVED + _OPERATORS + "/+-"

    def word(self, *, in_value: bool) -> str:
        """Up to a space, parenthesis or quotation mark; before a value, up to the operator too."""
        taken: list[str] = []
        ends = _ENDS_WORD if in_value else _ENDS_WORD + _OPERATORS
        while self.at < len(self.text) and (character := self.text[self.at]) not in ends:
            if character in _RESERVED:
                raise self.refusal(f'"\\{character}" to search for this character')
            taken.append(self.escaped() if character == "\\" else character)
            self.at += 1
        return "".join(taken)

    def phrase(self) -> str:
        start = self.at
        taken: list[str] = []
        self.at += 1
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == '"':
                self.at += 1
                self.skip_spaces()
                return "".join(taken)
            taken.append(self.escaped() if character == "\\" else character)
            self.at += 1
        raise self.refusal(f"a quotation mark that ends the phrase of character {start + 1}")

    def regex(self) -> str:
        """All but `\\/` is left to the regular expression."""
        start = self.at
        taken: list[str] = []
        self.at += 1
        while self.at < len(self.text):
            character = self.text[self.at]
            if character == "/":
                if not taken:
                    raise self.refusal("a regular expression between the slashes")
                self.at += 1
                self.skip_spaces()
                return "".join(taken)
            if character == "\\":
                following = self.escaped()
                character = "/" if following == "/" else f"\\{following}"
            taken.append(character)
            self.at += 1
        raise self.refusal(f'"/" that ends the regular expression of character {start + 1}')

    def escaped(self) -> str:
        self.at += 1
        if self.at == len(self.text):
            raise self.refusal('a character after the "\\"')
        return self.text[self.at]

    def took_keyword(self, keyword: str) -> bool:
        end = self.at + len(keyword)
        following = self.text[end : end + 1]
        if not self.text.startswith(keyword, self.at) or (following or " ") not in _SPACES + "(":
            return False
        start, self.at = self.at, end
        self.skip_spaces()
        if self.text[self.at : self.at + 1] in tuple(_OPERATORS):
            raise self.refusal(_instead_of(keyword), start)
        return True

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.refusal(f"at most {MAX_DEPTH} parentheses or NOT in each other")

    def skip_spaces(self) -> None:
        while self.at < len(self.text) and self.text[self.at] in _SPACES:
            self.at += 1

    def refusal(self, expected: str, at: int | None = None) -> QueryNotValid:
        return QueryNotValid(position=(self.at if at is None else at) + 1, expected=expected)


def _instead_of(keyword: str) -> str:
    return f'a word; "\\{keyword}" is the word {keyword}'
