"""What an expression in Prometheus' language names: metrics, and the labels it selects and groups by."""

import re
from typing import NamedTuple

_SELECTOR = re.compile(r"(\w+)?\{([^}]*)\}")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_NAME = re.compile(r"(?<![\w.])[a-zA-Z_:][\w:]*\b(?!\s*\()")
_KEYWORDS = frozenset({"and", "or", "unless", "bool", "offset"})


class Names(NamedTuple):
    """`selected` pairs a metric with a label in its braces; `grouped` are the labels that stay in the result."""

    metrics: frozenset[str]
    selected: frozenset[tuple[str, str]]
    grouped: frozenset[str]


def names_in(expression: str) -> Names:
    """Read the names; whether the expression is well formed is promtool's to say."""
    bare = re.sub(r'"[^"]*"', '""', expression)
    selected = {
        (metric, label) for metric, inner in _SELECTOR.findall(bare) for label in re.findall(r"(\w+)\s*[=!]", inner)
    }
    grouped = {label.strip() for inner in _GROUPING.findall(bare) for label in inner.split(",")}
    rest = re.sub(r"\[[^\]]*\]|\{[^}]*\}", " ", _GROUPING.sub(" ", bare))
    return Names(frozenset(_NAME.findall(rest)) - _KEYWORDS, frozenset(selected), frozenset(grouped))
