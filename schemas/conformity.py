"""Lists of requirements, such as the common municipal architecture, and how an authority's usages live up to them.

Requirement lists are the same for every authority (envelope `shared`); a conformity is an authority's own.
"""

from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import Field, model_validator

from .catalogue import EventType, removal_of
from .values import FreeText, LocalId, Name, Number, Reference, Value


class Requirement(Value):
    """One requirement of a list; `weight` says how much it counts in a degree of conformity."""

    number: LocalId
    text: FreeText
    area: Name | None = None
    mandatory: bool = True
    weight: Number = Field(default=Decimal(1), ge=0)


class RequirementList(Value):
    """One version of a list of requirements, such as the common municipal architecture or a framework agreement's.

    Each version is a subject of its own, because old conformities still answer to the version they were judged by;
    `local_id` is the same for all versions of a list.
    """

    name: Name
    local_id: LocalId
    version: LocalId
    issuer: Name | None = None
    requirements: tuple[Requirement, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _numbers_are_unique(self) -> "RequirementList":
        _refuse_twice([requirement.number for requirement in self.requirements])
        return self


class RequirementMet(Value):
    """How a usage stands to one requirement; `met_by` is when it is promised to be met."""

    requirement: LocalId
    status: Literal["met", "partly-met", "not-met", "not-relevant", "unknown"]
    met_by: date | None = None
    note: FreeText | None = None


class Conformity(Value):
    """How a usage stands to every requirement of one version of a list; a requirement not named is `unknown`."""

    usage: Reference
    requirement_list: Reference
    requirements: tuple[RequirementMet, ...]
    assessed_on: date | None = None
    assessed_by: Name | None = None

    @model_validator(mode="after")
    def _each_once(self) -> "Conformity":
        _refuse_twice([answer.requirement for answer in self.requirements])
        return self


def _refuse_twice(numbers: list[str]) -> None:
    twice = sorted({number for number in numbers if numbers.count(number) > 1})
    if twice:
        raise ValueError(f"each requirement stands once; more than once: {', '.join(twice)}")


_STATED = (
    EventType(
        domain="system",
        fact="requirement-list-stated",
        model=RequirementList,
        owner="registrar",
        key="one version of a list of requirements",
        sensitivity="public",
        state=True,
        sample={
            "name": "Den fælleskommunale rammearkitektur",
            "local_id": "RA",
            "version": "2026-1",
            "issuer": "Kommunernes fællesskab",
            "requirements": [
                {"number": "RA-1", "text": "Systemet læser organisation fra støttesystemet", "area": "Organisation"},
                {
                    "number": "RA-2",
                    "text": "Systemet modtager hændelser fra støttesystemet",
                    "area": "Hændelser",
                    "mandatory": False,
                    "weight": "0.5",
                },
            ],
        },
    ),
    EventType(
        domain="system",
        fact="conformity-stated",
        model=Conformity,
        owner="system register",
        key="conformity of a usage with a version of a list",
        state=True,
        sample={
            "usage": {"id": "6b2a0000-0000-4000-8000-000000000001", "name": "OmsorgNær"},
            "requirement_list": {"id": "8e4d0000-0000-4000-8000-0000000000a1", "name": "Rammearkitekturen 2026-1"},
            "requirements": [
                {"requirement": "RA-1", "status": "met"},
                {"requirement": "RA-2", "status": "not-met", "met_by": "2027-06-30", "note": "Lovet i næste udgave"},
            ],
            "assessed_on": "2026-02-11",
            "assessed_by": "Digitalisering og IT",
        },
    ),
)

EVENTS: tuple[EventType, ...] = (*_STATED, *map(removal_of, _STATED))
