"""Templates filled with what an event says; pure."""

import re
from collections.abc import Iterator
from typing import Any

import orjson

from schemas.automation import PATH

from .view import View, entries

_PATH = re.compile(rf"\$\{{({PATH})\}}")
_ANY = re.compile(r"\$\{([^}]*)\}")


def filled(template: Any, view: View, rule: str) -> Any:
    """The template with every `${path}` filled in. A path alone that leads nowhere leaves its field out."""
    match template:
        case str():
            return _text(template, view, rule)
        case dict():
            made = {name: filled(part, view, rule) for name, part in template.items()}
            return {name: value for name, value in made.items() if value is not None}
        case list() | tuple():
            return [value for part in template if (value := filled(part, view, rule)) is not None]
        case _:
            return template


def written(template: str, view: View, rule: str) -> str:
    """A text with every `${path}` written into it; where it leads nowhere, nothing."""
    return _PATH.sub(lambda found: ", ".join(map(_shown, entries(view.at(found[1], rule)))), template)


def paths(template: Any) -> Iterator[str]:
    """Everything that stands in `${}` in a template."""
    match template:
        case str():
            yield from _ANY.findall(template)
        case dict():
            for part in template.values():
                yield from paths(part)
        case list() | tuple():
            for part in template:
                yield from paths(part)


def _text(template: str, view: View, rule: str) -> Any:
    """A path alone stands for the value as it is: the one there is, or the list of several."""
    alone = _PATH.fullmatch(template)
    if alone is None:
        return written(template, view, rule)
    found = view.at(alone[1], rule)
    return found[0] if len(found) == 1 else list(found) or None


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
