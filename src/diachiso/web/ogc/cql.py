"""Filters as they are written, CQL2 text or JSON, parsed by cql2 into one tree.

The parser is a recursive one: what is nested some thousand deep ends the whole process. So what can
nest is counted before it is asked.
"""

import re
from typing import Any

import cql2

from diachiso.address.errors import QueryError

LONGEST = 8_000
MOST_NESTED = 400
"""Brackets, NOTs and signs of a filter; the parser bears over a thousand within one another."""
TEXTS, JSONS = "cql2-text", "cql2-json"
LANGUAGES = (TEXTS, JSONS)
QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
NESTING = re.compile(r"[(\[{]|\bnot\b|[-+](?!\d)", re.IGNORECASE)

ESCAPED_QUOTE = "\\'"
CONTROLS = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}
CONTROL = re.compile(r"\\([abtnvfr])")
"""Control characters as they are written in a text; any other backslash is left to LIKE."""


def parsed(text: str, language: str) -> Any:  # noqa: ANN401 (JSON)
    """The tree of a filter, in CQL2's JSON form.

    Raises:
        QueryError: it cannot be parsed, or is longer than anybody writes.
    """
    if len(text) > LONGEST:
        raise QueryError(
            f"Bộ lọc dài quá {LONGEST} ký tự. / The filter has more than {LONGEST} characters."
        )
    bare = text if language == JSONS else QUOTED.sub("", text)
    if len(NESTING.findall(bare)) > MOST_NESTED:
        raise QueryError("Bộ lọc lồng quá nhiều. / The filter is nested too much.")
    try:
        tree = cql2.parse_json(text).to_json() if language == JSONS else _of_text(text)
    except (cql2.ParseError, ValueError) as fault:
        raise QueryError(
            f"Không đọc được bộ lọc {language}. / Not {language}: {_short(str(fault))}"
        ) from None
    if tree is None:
        raise QueryError("Bộ lọc trống. / The filter is empty.")
    return tree


def _of_text(text: str) -> Any:  # noqa: ANN401 (JSON)
    """The tree of a text, its escapes read (21-065r2, /req/cql2-text/escaping).

    The parser knows an apostrophe as two of them; the standard has it after a backslash as well.
    """
    try:
        tree = cql2.parse_text(text).to_json()
    except cql2.ParseError:
        if ESCAPED_QUOTE not in text:
            raise
        tree = cql2.parse_text(text.replace(ESCAPED_QUOTE, "''")).to_json()
    return _unescaped(tree) if "\\" in text else tree


def _unescaped(tree: Any) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(tree, str):
        return CONTROL.sub(lambda found: CONTROLS[found[1]], tree)
    if isinstance(tree, list):
        return [_unescaped(one) for one in tree]
    if isinstance(tree, dict) and "args" in tree:
        return {**tree, "args": _unescaped(tree["args"])}
    return tree


def _short(told: str) -> str:
    """Where and what was expected, in one line."""
    lines = [line.strip(" |=") for line in told.splitlines()]
    return " ".join(filter(None, (lines[0], *lines[3:])))[:300]
