"""Who may do what: roles held for what a task is about."""

from time import process_time

import pytest

from consumers.workflows.people import People
from kernel.errors import Forbidden
from kernel.ids import derived_id
from schemas.organisation import RoleHeld

UNIT = derived_id("unit", 1)


def test_a_refusal_names_who_may_and_looks_once_at_each() -> None:
    """Among five thousand holders, those who hold the role for the unit are named, in the time of one look."""
    held = [
        RoleHeld.model_validate(
            {
                "role": role,
                "holder": {"id": f"p{number}", "name": f"P{number}"},
                "kind": "unit",
                "responsible_for": {"id": UNIT if number < 2 else derived_id("unit", number)},
            }
        )
        for number in range(2_500)
        for role in ("attestant", "unit-manager")
    ]
    began = process_time()
    with pytest.raises(Forbidden, match=r"held by P0, P1$"):
        People(held).require("p7", ("attestant",), {("unit", UNIT)})
    assert process_time() - began < 0.5
