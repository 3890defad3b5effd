"""What people and programs see: tables and colour on a terminal, plain text in a pipe, JSON when asked."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import orjson
from pydantic import BaseModel
from rich.console import Console
from rich.table import Table

from kernel.masking import mask_written
from schemas.values import Money

errors = Console(stderr=True, soft_wrap=True, highlight=False)


def print_json(value: Any) -> None:
    """One value as one line of JSON."""
    sys.stdout.write(orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS).decode() + "\n")
    sys.stdout.flush()


def print_rows(rows: Iterable[Mapping[str, Any]], *, as_json: bool, columns: Sequence[str], title: str = "") -> None:
    """A listing: an object a line as JSON, a table on a terminal, tab-separated lines with a head in a pipe."""
    if as_json:
        for row in rows:
            print_json(row)
        return
    if not sys.stdout.isatty():
        lines = ["\t".join(columns), *("\t".join(_cell(row.get(column)) for column in columns) for row in rows)]
        sys.stdout.write("\n".join(lines) + "\n")
        return
    table = Table(*columns, title=title or None, title_justify="left", header_style="bold")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    Console().print(table)


def print_line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def as_mapping(row: Any) -> dict[str, Any]:
    """A typed row as a mapping."""
    if is_dataclass(row) and not isinstance(row, type):
        return asdict(row)
    if isinstance(row, BaseModel):
        return row.model_dump()
    if hasattr(row, "_asdict"):
        return dict(row._asdict())
    return dict(row)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Money):
        return f"{value.amount} {value.currency}"
    if isinstance(value, Mapping):
        return str(value.get("name") or value.get("id") or orjson.dumps(value, default=_plain).decode())
    if isinstance(value, list | tuple | set | frozenset):
        return ", ".join(map(_cell, value))
    return mask_written(str(value)).replace("\t", " ").replace("\n", " ")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, bytes):
        return value.hex()
    if is_dataclass(value) or isinstance(value, BaseModel):
        return as_mapping(value)
    raise TypeError(f"cannot be written as JSON: {type(value).__name__}")
