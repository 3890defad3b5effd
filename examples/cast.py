"""What the demo's people do on which day, what is then left undone too long, and which workflows were started."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from . import answers, retenders
from .answers import alert_of
from .municipalities import LAST_DAY
from .truth import Key, Planted, Start
from .watch_truth import agreed, alarms
from .world import World

CODE = "WF01"
_TASKS = {
    "AskCentralUnit": ("Kontraktejer spørger central enhed", 10),
    "RemindOwner": ("Ryk kontraktejeren", 3),
    "AnalyseNeeds": ("Behovsanalyse", 30),
    "DescribeAsIsToBe": ("Beskriv nuværende og fremtidig løsning", 20),
    "MakeBusinessCase": ("Forretningscase", 20),
    "Recommend": ("Skriv indstilling", 10),
    "CouncilDecides": ("Digitaliseringsråd behandler", 20),
    "BoardDecides": ("Porteføljestyregruppe beslutter", 30),
    "PutOnAgenda": ("Sæt på næste møde", 5),
    "AppointManager": ("Udpeg projektleder", 10),
    "FormTeam": ("Sammensæt team", 15),
    "SpecifyRequirements": ("Kravspecifikation med standardkrav", 60),
    "DraftContract": ("Standardkontrakt med servicemål", 30),
    "RunTender": ("Gennemfør udbud", 180),
    "FollowUpTender": ("Følg op på udbuddet", 5),
    "CheckImplementation": ("Kontrollér implementering", 120),
    "HandOver": ("Overdrag til drift", 10),
    "CloseProject": ("Afslut projektet", 20),
    "Assess": ("Vurdér afvigelse", 5),
    "Escalate": ("Ryk attestant og anviser", 2),
    "AskSupplier": ("Spørg leverandøren", 2),
    "RemindSupplier": ("Ryk leverandøren", 2),
}
"""What each step is called, and its deadline in working days."""
_CLOSED = {
    date(2024, 1, 1), date(2024, 3, 28), date(2024, 3, 29), date(2024, 4, 1), date(2024, 5, 9), date(2024, 5, 20),
    date(2024, 6, 5), date(2024, 12, 24), date(2024, 12, 25), date(2024, 12, 26), date(2024, 12, 31), date(2025, 1, 1),
    date(2025, 4, 17), date(2025, 4, 18), date(2025, 4, 21), date(2025, 5, 29), date(2025, 6, 5), date(2025, 6, 9),
    date(2025, 12, 24), date(2025, 12, 25), date(2025, 12, 26), date(2025, 12, 31),
}  # fmt: skip
"""The working days on which municipal offices were closed in the two years."""


class Act(NamedTuple):
    """Somebody who may does an open task: of which workflow, which step, and what is written into its form."""

    day: date
    authority: str
    process: str
    business_key: str
    step: str
    form: dict[str, Any]


class Cast:
    """The people of one municipality."""

    def __init__(self, world: World) -> None:
        self.world, self.cvr = world, world.municipality.cvr
        self.alarms = alarms(world)
        self.contracts = {each.key: each for each in agreed(world)}
        self.came = dict(_arrivals(world))
        self.answers = answers.answers(world, self.came)

    def acts(self) -> Iterator[Act]:
        """Everything they do, in no order of days."""
        for key, alarm in self.alarms.items():
            contract = self.contracts[key]
            for step in retenders.steps(key, alarm):
                if step.done:
                    form = retenders.form_of(self.world, key, step, contract.number)
                    subject = str(contract.reference.id)
                    yield Act(step.done, self.cvr, retenders.PROCESS, subject, step.name, form)
        for answer in self.answers:
            for day, step_name, form in answers.forms(answer):
                yield Act(day, self.cvr, answers.PROCESS, answer.alert, step_name, form)

    def starts(self) -> Iterator[Start]:
        """A re-tender for each contract that was due, and a workflow for each discrepancy that was ever found."""
        for key in self.alarms:
            yield Start(self.cvr, retenders.PROCESS, str(self.contracts[key].reference.id))
        for planted in (*self.world.desk.truth, *self.world.desk.passing):
            if planted.invoice in self.came:
                yield Start(self.cvr, answers.PROCESS, alert_of(planted))

    def settled(self) -> frozenset[Key]:
        """The discrepancies that they have decided about, so that nobody is to act on them any more."""
        return frozenset(answer.planted.key for answer in self.answers if answer.settles)

    def overdue(self) -> Iterator[Planted]:
        """The tasks that stand open after their deadline when the demo ends."""
        for key, alarm in self.alarms.items():
            subject = str(self.contracts[key].reference.id)
            for step in retenders.steps(key, alarm):
                if step.done is None:
                    yield from self._late(subject, step.name, step.opened)
        by_alert = {answer.alert: answer for answer in self.answers}
        for planted in self.world.desk.truth:
            if planted.invoice in self.came:
                yield from self._unanswered(planted, by_alert.get(alert_of(planted)))

    def _unanswered(self, planted: Planted, answer: "answers.Answer | None") -> Iterator[Planted]:
        found, alert = self.found(planted), alert_of(planted)
        if answer is None:
            yield from self._late(alert, "Assess", found)
            if (reminded := found + timedelta(days=7)) <= LAST_DAY:
                yield from self._late(alert, "Escalate", reminded)
        elif not answer.settles:
            yield from self._late(alert, "RemindSupplier", answer.reminded)

    def found(self, planted: Planted) -> date:
        return self.came[planted.invoice]

    def _late(self, business_key: str, step: str, opened: date) -> Iterator[Planted]:
        name, working_days = _TASKS[step]
        if _deadline(opened, working_days) < LAST_DAY:
            yield Planted(self.cvr, CODE, business_key, name, None)


def _arrivals(world: World) -> Iterator[tuple[str, date]]:
    """The day each document came; of one that came again, the last."""
    for bill in sorted(world.desk.bills, key=lambda bill: bill.comes):
        yield bill.paper.subject, bill.comes


def _deadline(opened: date, working_days: int) -> date:
    day = opened
    while working_days:
        day += timedelta(days=1)
        working_days -= day.weekday() < 5 and day not in _CLOSED
    return day
