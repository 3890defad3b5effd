"""A process's forms in a language: what they ask for, what a person wrote, and what was answered."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from consumers.workflows.definition import FormField, Text
from monitoring.web.language import Code, Language

PREFIX = "field-"
"""Before the names of a process's fields, so that none is taken for one of the page's own."""


@dataclass(frozen=True)
class Asked:
    """A field as a page draws it. `choices` are values and what they say; `given` is what was written, `wrong` if it
    did not fit.
    """

    name: str
    type: str
    label: str
    help: str | None
    required: bool
    choices: tuple[tuple[str, str], ...]
    given: str
    wrong: bool


def asked(
    fields: Sequence[FormField], sent: Mapping[str, str], faulty: Collection[str], language: Language
) -> tuple[Asked, ...]:
    """The fields of a form, with what was written into them."""
    return tuple(
        Asked(
            name=PREFIX + field.name,
            type=field.type,
            label=_said(field.label, language.code),
            help=_said(field.help, language.code) if field.help else None,
            required=field.required,
            choices=_choices(field, language),
            given=sent.get(PREFIX + field.name, ""),
            wrong=field.name in faulty,
        )
        for field in fields
    )


def answered(fields: Sequence[FormField], values: Mapping[str, Any], language: Language) -> list[tuple[str, str]]:
    """What a form was filled with: each label, and the answer in words."""
    return [
        (_said(field.label, language.code), _worded(field, values[field.name], language))
        for field in fields
        if field.name in values
    ]


def read_form(fields: Sequence[FormField], sent: Mapping[str, str], language: Code) -> dict[str, Any]:
    """The values by field, as `consumers.workflows.forms` reads them; what was left empty is left out."""
    written = {field.name: (field, sent.get(PREFIX + field.name, "").strip()) for field in fields}
    return {name: _read(field, text, language) for name, (field, text) in written.items() if text}


def plain_number(text: str, language: Code) -> str:
    """`1.250,5` written in Danish, and `1,250.5` in English, as `1250.5`; what is no number stays none."""
    thousands, point = (".", ",") if language == "da" else (",", ".")
    return "".join(text.split()).replace(thousands, "").replace(point, ".")


def _read(field: FormField, text: str, language: Code) -> bool | str:
    if field.type == "boolean":
        return text == "yes" if text in {"yes", "no"} else text
    return plain_number(text, language) if field.type in {"number", "amount"} else text


def _said(text: Text, language: Code) -> str:
    return text.da if language == "da" else text.en


def _choices(field: FormField, language: Language) -> tuple[tuple[str, str], ...]:
    if field.type == "boolean":
        return ("yes", language.text("answer.yes")), ("no", language.text("answer.no"))
    return tuple((choice.value, _said(choice.text, language.code)) for choice in field.choices)


def _worded(field: FormField, value: Any, language: Language) -> str:
    match field.type:
        case "boolean":
            return language.text("answer.yes" if value else "answer.no")
        case "choice":
            return dict(_choices(field, language)).get(str(value), str(value))
        case "number":
            return language.number(Decimal(value))
        case "amount":
            return language.money(Decimal(value), "DKK")
        case "date":
            return language.date(date.fromisoformat(value))
    return str(value)
