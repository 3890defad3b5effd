"""How the demo's people answer discrepancies: a few are decided, two wait for a supplier, the rest stand open."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from schemas.alerts import alert_id

from .facts import next_working_day
from .municipalities import LAST_DAY
from .truth import Planted
from .world import World

PROCESS = "invoice_discrepancy"
_ANSWERS = ("accept", "reject", "return", "ask")
_FIRST, _LAST = date(2025, 9, 1), date(2025, 11, 15)
_RULES = frozenset({"IC10", "IC13", "IC26"})
"""Answered are discrepancies of these rules that were found between these days."""
_EACH = 2


class Answer(NamedTuple):
    """What is said about a discrepancy that was found on a day; its alert is the workflow's business key."""

    planted: Planted
    found: date
    decision: str

    @property
    def alert(self) -> str:
        return alert_of(self.planted)

    @property
    def on(self) -> date:
        """The day somebody assesses it."""
        return next_working_day(self.found + timedelta(days=3))

    @property
    def asked(self) -> date:
        """The day the supplier is asked, where it is."""
        return next_working_day(self.on + timedelta(days=1))

    @property
    def reminded(self) -> date:
        """The day on which the supplier has not answered for a fortnight."""
        return self.asked + timedelta(days=14)

    @property
    def settles(self) -> bool:
        """Whether the alert is over with it."""
        return self.decision != "ask"


def alert_of(planted: Planted) -> str:
    """The subject of the alert that a planted discrepancy raises."""
    return alert_id(planted.authority, planted.rule.lower(), planted.invoice, planted.line)


def answers(world: World, came: dict[str, date]) -> list[Answer]:
    """Eight of a municipality's discrepancies with what is answered; `came` is the day by the invoice's subject."""
    return list(_answers(world.desk.truth, came))


def _answers(truth: Iterable[Planted], came: dict[str, date]) -> Iterator[Answer]:
    fits = [each for each in truth if each.rule in _RULES and _FIRST <= came[each.invoice] <= _LAST]
    for number, planted in enumerate(sorted(fits)[: _EACH * len(_ANSWERS)]):
        yield Answer(planted, came[planted.invoice], _ANSWERS[number % len(_ANSWERS)])


def forms(answer: Answer) -> Iterator[tuple[date, str, dict[str, Any]]]:
    """The tasks that are done for it: the day, the step, and what is written."""
    yield answer.on, "Assess", {"answer": answer.decision, "reason": "Gennemgået med enheden"}
    if answer.decision == "ask" and answer.asked <= LAST_DAY:
        form = {"question": "Hvad dækker beløbet?", "asked_on": answer.asked.isoformat()}
        yield answer.asked, "AskSupplier", form
