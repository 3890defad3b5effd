"""Templates: data in which `{name}` stands for a value. No code, no formatting."""

import re
from typing import Any

from .expressions import Lookup

_PLACE = re.compile(r"\{([A-Za-z_][\w-]*(?:\.[\w-]+)*)\}")


def fill(template: Any, lookup: Lookup) -> Any:
    """`template` with its places filled; None when it is a single place without a value.

    What has no value is left out of the object or list it stands in, and so is an object of which nothing is left.
    """
    match template:
        case str():
            return _text(template, lookup)
        case dict():
            filled = {name: fill(inner, lookup) for name, inner in template.items()}
            kept = {name: inner for name, inner in filled.items() if inner is not None}
            return kept if kept or not template else None
        case list():
            return [inner for each in template if (inner := fill(each, lookup)) is not None]
    return template


def fill_text(template: str, lookup: Lookup) -> str:
    """`template` as text; empty when it is a single place without a value."""
    filled = fill(template, lookup)
    return "" if filled is None else str(filled)


def scalars(template: dict[str, Any], lookup: Lookup) -> dict[str, Any]:
    """The filled template without what is no text, whole number, or yes or no: what an instance can keep."""
    filled = fill(template, lookup) or {}
    return {name: value for name, value in filled.items() if isinstance(value, str | int | bool)}


def path(tree: Any, dotted: str) -> Any:
    """What stands at `a.b.c` in nested objects, at `a.0` the first of a list; None when nothing does."""
    for name in dotted.split("."):
        if isinstance(tree, list) and name.isdecimal():
            tree = tree[int(name)] if int(name) < len(tree) else None
        else:
            tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def _text(template: str, lookup: Lookup) -> Any:
    if whole := _PLACE.fullmatch(template):
        return lookup(whole[1])
    return _PLACE.sub(lambda place: _shown(lookup(place[1])), template)


def _shown(value: Any) -> str:
    return "" if value is None else str(value)
