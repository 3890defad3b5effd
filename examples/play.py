"""The play: two years, day by day. Each day says what every authority is told, and which documents come to it."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from kernel.ids import derived_id
from schemas.days import DayStarted
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE

from .cast import CODE, Act, Cast
from .facts import Fact, moment
from .money import payment_facts
from .municipalities import FIRST_DAY, LAST_DAY, MUNICIPALITIES, OPERATOR, Municipality
from .national import national_facts
from .papers import Paper
from .planting import RULES
from .project_plans import FAULTS
from .projects import project_truth
from .truth import Key, NearMiss, Planted, Start
from .ubl_writer import written
from .watch_truth import CODES, watch_near_misses, watch_truth
from .world import World, facts_of, world_of


class Document(NamedTuple):
    """A file as it comes in."""

    name: str
    content: bytes


class Share(NamedTuple):
    """What one authority gets on one day: events, the beginning of the day first, and documents."""

    authority: str
    events: list[CloudEvent]
    documents: list[Document]


class Day(NamedTuple):
    """One day of the play; the operator's share, if any, comes first."""

    date: date
    shares: list[Share]


class Demo:
    """The demo as a seed makes it: its days, and the truth about it."""

    def __init__(self, seed: int) -> None:
        self.worlds: tuple[World, ...] = tuple(world_of(seed, municipality) for municipality in MUNICIPALITIES)
        self.casts: tuple[Cast, ...] = tuple(Cast(world) for world in self.worlds)

    @property
    def truth(self) -> list[Planted]:
        """Everything wrong that somebody is to act on when the demo ends: planted and not decided about, or overdue."""
        settled = frozenset[Key]().union(*(cast.settled() for cast in self.casts))
        invoices = (planted for planted in self.invoice_truth if planted.key not in settled)
        overdue = (planted for cast in self.casts for planted in cast.overdue())
        return [*invoices, *self.project_truth, *self.watch_truth(begun=True), *overdue]

    @property
    def starts(self) -> list[Start]:
        """Every workflow that is started in the two years."""
        return [start for cast in self.casts for start in cast.starts()]

    def acts(self) -> dict[date, list[Act]]:
        """What people do, by day and in a fixed order."""
        days: dict[date, list[Act]] = {}
        for act in sorted((act for cast in self.casts for act in cast.acts()), key=lambda act: act[:5]):
            days.setdefault(act.day, []).append(act)
        return days

    @property
    def invoice_truth(self) -> list[Planted]:
        """What is wrong with invoices."""
        return [planted for world in self.worlds for planted in world.desk.truth]

    @property
    def project_truth(self) -> list[Planted]:
        """What is wrong with projects."""
        return [planted for world in self.worlds for planted in _project_truth(world)]

    def watch_truth(self, *, begun: bool) -> list[Planted]:
        """What is wrong with contracts; `begun`: wherever it was time to buy anew, the alarm has begun it."""
        return [planted for world in self.worlds for planted in watch_truth(world, begun=begun)]

    @property
    def judged(self) -> frozenset[str]:
        """The rules that the truth is about, as alerts name them; of what others find it says nothing."""
        return frozenset(rule.lower() for rule in (*RULES, *FAULTS, *CODES, CODE))

    @property
    def near_misses(self) -> list[NearMiss]:
        """What looks like a discrepancy and must stay silent."""
        return [near for world in self.worlds for near in world.desk.near_misses]

    @property
    def contract_near_misses(self) -> list[NearMiss]:
        """What looks as if the watch over contracts found it, and must stay silent."""
        return [near for world in self.worlds for near in watch_near_misses(world)]

    def days(self) -> Iterator[Day]:
        """Every day of the two years in order. Documents are written when their day is asked for."""
        shared = _by_day(national_facts())
        told = [
            _by_day([*facts_of(world), *payment_facts(world.municipality, world.desk.bills)]) for world in self.worlds
        ]
        papers = [_papers_by_day(world) for world in self.worlds]
        files = [_files_by_day(world) for world in self.worlds]
        day = FIRST_DAY
        while day <= LAST_DAY:
            shares = [Share(OPERATOR, shared[day], [])] if day in shared else []
            for i, world in enumerate(self.worlds):
                events = [day_started(world.municipality, day), *told[i].get(day, ())]
                documents = [Document(paper.file_name, written(paper)) for paper in papers[i].get(day, ())]
                shares.append(Share(world.municipality.cvr, events, documents + files[i].get(day, [])))
            yield Day(day, shares)
            day += timedelta(days=1)


def day_started(municipality: Municipality, day: date) -> CloudEvent:
    """That a day has begun for an authority, as the hub itself tells it."""
    return CloudEvent(
        id=f"day:{municipality.cvr}:{day}",
        source="urn:samspil:time",
        type=CATALOGUE.latest("time.day-started").name,
        subject=derived_id("calendar", municipality.cvr),
        authority=municipality.cvr,
        time=moment(day, hour=0),
        data=DayStarted(date=day).model_dump(mode="json"),
        effective=day,
    )


def _project_truth(world: World) -> Iterator[Planted]:
    return project_truth(world.seed, world.municipality, world.units, world.usages, world.employees)


def _by_day(facts: Iterator[Fact] | list[Fact]) -> dict[date, list[CloudEvent]]:
    days: dict[date, list[CloudEvent]] = {}
    for fact in facts:
        days.setdefault(fact.day, []).append(fact.event)
    return days


def _papers_by_day(world: World) -> dict[date, list[Paper]]:
    days: dict[date, list[Paper]] = {}
    for bill in world.desk.bills:
        days.setdefault(bill.comes, []).append(bill.paper)
    return days


def _files_by_day(world: World) -> dict[date, list[Document]]:
    days: dict[date, list[Document]] = {}
    for day, name, content in world.desk.files:
        days.setdefault(day, []).append(Document(name, content))
    return days
