"""Kinds of value made of others: words with a code, lists in one cell, and references to other registers' rows.

A list stands in one cell with `;` or a line break between its entries. An entry of several fields has `:` between them,
or `|` where a field holds a colon itself: `0: 25,00; 150000: 12,50`. Fields at the end may be left out, and one in
between may be empty.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from .values import IDENTIFIER, Kind, Scalar, Unreadable, clean, shown


@dataclass(frozen=True, slots=True)
class Local:
    """A subject by the local id that its register gives it, or by its UUID where the register writes that."""

    kind: str
    local_id: str

    @property
    def uuid(self) -> UUID | None:
        """The UUID that the local id is, if it is one."""
        written = re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", self.local_id)
        return UUID(self.local_id) if written else None


class Part(NamedTuple):
    """A field of a list entry: where its value goes in the model, and its kind."""

    path: str
    kind: Kind
    required: bool = False


def choice(words: Mapping[str, str]) -> Kind:
    """One of some Danish words, read as the code each stands for; the code itself is read as well."""
    codes = {_plain(word): code for word, code in words.items()} | {_plain(code): code for code in words.values()}

    def read(cell: Scalar) -> str:
        word = _plain(shown(cell))
        if word not in codes:
            raise ValueError
        return codes[word]

    listed = ", ".join(words)
    return Kind(f"one of: {listed}", f"vælg: {listed}", read, tuple(words))


def many(kind: Kind, *, commas: bool = False) -> Kind:
    """Values of one kind in a cell; with `commas` a comma may stand between them too."""

    def read(cell: Scalar) -> list[Any]:
        if not isinstance(cell, str):
            return [kind.read(cell)]
        return [_entry(kind, entry) for entry in _entries(cell, r"[;,\n]" if commas else r"[;\n]")]

    return Kind(f"{kind.expected}; several with ; between them", f"{kind.written}; flere adskilles af semikolon", read)


def items(*parts: Part, example: str) -> Kind:
    """Entries of several fields in one cell."""

    def read(cell: Scalar) -> list[dict[str, Any]]:
        return [_item(parts, entry) for entry in _entries(shown(cell), r"[;\n]")]

    return Kind(f"entries such as {example}", f"fx {example}", read)


def reference(kind: str) -> Kind:
    """The local id of a row of another register, or a UUID."""
    return Kind("an identifier", "nummer, som i det andet register", lambda cell: Local(kind, IDENTIFIER.read(cell)))


def references(kind: str) -> Kind:
    """The local ids of rows of another register."""
    return many(
        Kind(
            "an identifier", "nummer, som i det andet register", lambda cell: {"id": Local(kind, IDENTIFIER.read(cell))}
        )
    )


def place(data: dict[str, Any], path: str, value: Any) -> None:
    """Put `value` at a dotted path of nested dictionaries."""
    *steps, last = path.split(".")
    for step in steps:
        data = data.setdefault(step, {})
    data[last] = value


def _plain(word: str) -> str:
    return " ".join(re.split(r"[\s_-]+", word.casefold().strip(" .")))


def _entries(text: str, between: str) -> list[str]:
    return [entry.strip() for entry in re.split(between, text) if entry.strip()]


def _item(parts: tuple[Part, ...], entry: str) -> dict[str, Any]:
    fields = [field.strip() for field in entry.split("|" if "|" in entry else ":")]
    if len(fields) > len(parts):
        raise ValueError(f"{entry!r} has {len(fields)} fields, at most {len(parts)} are expected")
    item: dict[str, Any] = {}
    for part, field in zip(parts, [*fields, *[""] * (len(parts) - len(fields))], strict=True):
        if field:
            place(item, part.path, _entry(part.kind, field))
        elif part.required:
            raise ValueError(f"{entry!r} lacks {part.kind.expected}")
    return item


def _entry(kind: Kind, text: str) -> Any:
    """The value of one entry of a cell; the error says which."""
    cell = clean(text)
    try:
        if cell is None or isinstance(cell, Unreadable):
            raise ValueError
        return kind.read(cell)
    except ValueError as error:
        more = f", {error}" if str(error) else ""
        raise ValueError(f"{text!r} is not {kind.expected}{more}") from None
