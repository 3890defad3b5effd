"""What a form was filled with, read by its definition: texts in their one written form, or every fault said. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter, ValidationError

from kernel.errors import Invalid, Problem
from schemas.catalogue import Json
from schemas.values import FreeText, Number

from .definition import Definition, FormField

_NUMBER: TypeAdapter[Decimal] = TypeAdapter(Number)
_TEXT: TypeAdapter[str] = TypeAdapter(FreeText)


def filled_in(fields: Sequence[FormField], values: Mapping[str, Any]) -> Json:
    """The values as they go into the instance; empty ones are left out. Raises Invalid with every fault."""
    known = {field.name for field in fields}
    problems = [Problem(f"values.{name}", "is no field of this form") for name in sorted(set(values) - known)]
    read: Json = {}
    for field in fields:
        value = values.get(field.name)
        value = value.strip() if isinstance(value, str) else value
        try:
            if value is not None and value != "":
                read[field.name] = _read(field, value)
            elif field.required:
                problems.append(Problem(f"values.{field.name}", "must be filled in"))
        except (ValueError, ValidationError):
            problems.append(Problem(f"values.{field.name}", _expected(field), str(value)[:80]))
    if problems:
        raise Invalid("the form is not filled in as it must be", problems=tuple(problems))
    return read


def shown(definition: Definition, form: str) -> list[Json]:
    """The form's fields as JSON, for whoever draws it."""
    return [field.model_dump(mode="json", exclude_none=True) for field in definition.forms[form]]


_EXPECTED = {
    "text": "is text",
    "choice": "is one of the choices",
    "boolean": "is true or false",
    "number": "is a number with a decimal point",
    "amount": "is an amount in kroner with a decimal point",
    "date": "is a date, YYYY-MM-DD",
}


def _expected(field: FormField) -> str:
    limit = f" of at most {field.at_most} characters" if field.at_most else ""
    return _EXPECTED[field.type] + limit


def _read(field: FormField, value: Any) -> bool | str:
    match field.type:
        case "boolean" if isinstance(value, bool):
            return value
        case "choice" if value in {choice.value for choice in field.choices}:
            return str(value)
        case "number" | "amount" if not isinstance(value, bool):
            return f"{_NUMBER.validate_python(value):f}"
        case "date" if isinstance(value, str):
            return date.fromisoformat(value).isoformat()
        case "text" if isinstance(value, str) and len(value) <= (field.at_most or len(value)):
            return _TEXT.validate_python(value)
    raise ValueError(field.type)
