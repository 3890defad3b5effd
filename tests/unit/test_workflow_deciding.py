"""Whose decision a discrepancy is: of those who hold the role for the unit the invoice was sent to."""

from typing import Any

import pytest

from consumers.workflows.consumer import LIBRARY
from consumers.workflows.deciding import decides, is_discrepancy
from consumers.workflows.people import People
from schemas.organisation import RoleHeld

UNIT, OTHER = "6b2a0000-0000-4000-8000-0000000000c1", "6b2a0000-0000-4000-8000-0000000000c2"


def finding(severity: str = "hold", consumer: str = "invoice-control", kind: str = "invoice",
            unit: str | None = UNIT) -> dict[str, Any]:  # fmt: skip
    references = [{"kind": "contract", "id": OTHER}, *([{"kind": "unit", "id": unit}] if unit else [])]
    return {"consumer": consumer, "severity": severity, "subject_kind": kind, "references": references}


def holding(role: str, unit: str = UNIT) -> People:
    data = {"role": role, "holder": {"name": "Anna", "id": "anna"}, "kind": "unit", "responsible_for": {"id": unit}}
    return People([RoleHeld.model_validate(data)])


@pytest.mark.parametrize(
    ("held", "found", "may"),
    [
        (holding("attestant"), finding(), True),
        (holding("payment-authoriser"), finding(), True),
        (holding("attestant", OTHER), finding(), False),
        (holding("budget-holder"), finding(), False),
        (holding("attestant", OTHER), finding(unit=None), True),
        (People(()), finding(unit=None), False),
    ],
    ids=["attestant", "authoriser", "of another unit", "another role", "no unit is named", "nobody"],
)
def test_the_role_is_held_for_the_unit(held: People, found: dict[str, Any], may: bool) -> None:
    """Where the invoice names no unit, the role for any will do."""
    assert decides(LIBRARY, held, "anna", [found]) is may


def test_a_discrepancy_keeps_an_invoice_from_being_paid() -> None:
    """What is only worth a look, or is about something else, needs no role."""
    assert all(is_discrepancy(finding(severity)) for severity in ("hold", "block"))
    assert is_discrepancy(finding(kind="credit-note"))
    others = (finding("warn"), finding("info"), finding(consumer="contracts"), finding(kind="contract"))
    assert not any(map(is_discrepancy, others))
