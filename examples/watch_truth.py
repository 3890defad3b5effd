"""The truth about contracts: deadlines, ends that are due, what is billed after an end, and who answers for it.

Worked out from what was planned, rule by rule and day by day, by nobody who judges.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from schemas.contracts import Procedure
from schemas.months import add_months, end_of
from schemas.values import Reference

from .contract_owners import is_owned
from .contracts import PARALLEL, first_told, framework_reference, procedure_of
from .municipalities import FIRST_DAY, LAST_DAY
from .papers import Paper
from .plans import Term
from .retenders import FIRST_STEP, steps
from .story_plans import FRAMEWORKS
from .truth import NearMiss, Planted
from .world import World

CODES = ("CW01", "CW02", "CW03", "CW04", "CW05")
_LEADS: dict[Procedure | None, int] = {"mini-tender": 12, "quotes": 6, "direct-award": 6, "accession": 6}
_TENDER = 24
_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """What the truth looks at in one contract. `papers` are those that name it, `next_starts` is of its successor."""

    key: str
    number: str
    reference: Reference
    term: Term
    lead: int
    answered: bool
    told: date
    next_starts: date | None = None
    next_told: date = date.max
    both_until: date = date.min
    papers: tuple[Paper, ...] = ()

    def succeeded(self, day: date) -> bool:
        return self.next_told <= day

    def end(self, day: date) -> date | None:
        """The last day, as things stand on `day`."""
        term = self.term
        if term.notice_on and term.notice_on <= day:
            return self._renewed(term.notice_on) if term.renews else self.noticed(term.notice_on)
        end = self._renewed(day) if term.renews else term.ends
        if end and term.option and term.option[1] <= day:
            return _longer(end, term.option[0])
        return end

    def noticed(self, day: date) -> date:
        """The day on which notice given on `day` ends it."""
        end = add_months(day, self.term.notice_months)
        return end_of(end, self.term.notice_to) if self.term.notice_to else end

    def last_notice(self, end: date) -> date:
        """The last day on which notice still ends it by `end`."""
        day = end
        while self.noticed(day) > end:
            day -= _DAY
        return day

    def _renewed(self, day: date) -> date:
        assert self.term.ends is not None
        assert self.term.renews is not None
        end, times = self.term.ends, 0
        while self.last_notice(end) < day:
            times += 1
            end = _longer(self.term.ends, times * self.term.renews)
        return end

    def runs(self, day: date) -> bool:
        end = self.end(day)
        return self.told <= day and self.term.starts <= day and (end is None or day <= end)


def deadline(contract: Agreed, day: date) -> bool:
    """CW01: notice, or an option, is due within three months; or was due and nothing was done."""
    noticed = contract.term.notice_on is not None and contract.term.notice_on <= day
    if noticed or not contract.runs(day):
        return False
    return _renews(contract, day) or _runs_beside(contract, day) or _may_extend(contract, day)


def _renews(contract: Agreed, day: date) -> bool:
    end = contract.end(day)
    if not contract.term.renews or end is None:
        return False
    before = _longer(end, -contract.term.renews)
    missed = add_months(day, -1) <= contract.last_notice(before) < day and before >= _first_end(contract)
    return missed or _near(contract.last_notice(end), day)


def _runs_beside(contract: Agreed, day: date) -> bool:
    if contract.term.renews or contract.next_starts is None or not contract.succeeded(day):
        return False
    wanted, end = max(contract.next_starts - _DAY, contract.both_until), contract.end(day)
    last = contract.last_notice(wanted)
    return (end is None or end > wanted) and (day > last or _near(last, day))


def _may_extend(contract: Agreed, day: date) -> bool:
    option = contract.term.option
    if option is None or option[1] <= day or contract.succeeded(day):
        return False
    use_by = option[1] + timedelta(days=40)
    return _near(use_by, day)


def due(contract: Agreed, day: date) -> bool:
    """CW02: it is time to buy anew, and nobody has begun."""
    end = _end_without_more(contract, day)
    return end is not None and add_months(end, -contract.lead) <= day


def late(contract: Agreed, day: date) -> bool:
    """CW03: a year is left, or half of what a smaller purchase takes."""
    end = _end_without_more(contract, day)
    return end is not None and add_months(end, -(12 if contract.lead > 12 else contract.lead // 2)) <= day


def _end_without_more(contract: Agreed, day: date) -> date | None:
    goes_on = contract.term.renews and not (contract.term.notice_on and contract.term.notice_on <= day)
    end = contract.end(day)
    silent = goes_on or contract.succeeded(day) or day < contract.told
    return None if silent or end is None or end < day else end


def billed_late(contract: Agreed, day: date) -> Decimal | None:
    """CW04: what was billed after the end, when nothing took over; None for nothing."""
    end = contract.end(day)
    if end is None or end >= day or contract.succeeded(day):
        return None
    billed = sum((_signed(paper) for paper in contract.papers if _after(paper, end)), Decimal(0))
    return billed if billed > 0 else None


def unowned(contract: Agreed, day: date) -> bool:
    """CW05: it runs, and nobody answers for it."""
    return contract.runs(day) and not contract.answered


def watch_truth(world: World, *, begun: bool) -> Iterator[Planted]:
    """What is to be found when the demo ends. `begun` says that every alarm has begun a re-tender: CW02 is over then,
    and CW03 is of those that nobody has answered."""
    cvr = world.municipality.cvr
    quiet = {"CW02": {each.key for each in agreed(world)}, "CW03": answered(world)} if begun else {}
    rules: tuple[tuple[str, Callable[[Agreed, date], bool]], ...] = (
        ("CW01", deadline), ("CW02", due), ("CW03", late), ("CW05", unowned),
    )  # fmt: skip
    for contract in agreed(world):
        subject = str(contract.reference.id)
        for code, holds in rules:
            if contract.key not in quiet.get(code, ()) and holds(contract, LAST_DAY):
                yield Planted(cvr, code, subject, None, None, contract.number)
        if amount := billed_late(contract, LAST_DAY):
            yield Planted(cvr, "CW04", subject, None, amount, contract.number)


def answered(world: World) -> set[str]:
    """The keys of the plans whose contracts' owners have said what comes after them."""
    carried = {key: steps(key, alarm) for key, alarm in alarms(world).items()}
    return {key for key, taken in carried.items() if any(step.name == FIRST_STEP and step.done for step in taken)}


def alarms(world: World) -> dict[str, date]:
    """The day in the two years on which it is first time to buy anew, by the key of the contract's plan."""
    days = [FIRST_DAY + timedelta(days=n) for n in range((LAST_DAY - FIRST_DAY).days + 1)]
    first = {each.key: next((day for day in days if due(each, day)), None) for each in agreed(world)}
    return {key: day for key, day in first.items() if day}


def watch_near_misses(world: World) -> Iterator[NearMiss]:
    """Contracts that look as if a rule found them when the demo ends."""
    reasons = {
        "renewed": ("CW01", "it renewed itself half a year ago"),
        "renewal-stopped": ("CW01", "notice was given in time"),
        "extended": ("CW01", "the option was taken up"),
        "old-system": ("CW04", "another contract took over its task"),
        "ended-notice": ("CW04", "billed in advance, before its end"),
        "bi-care": ("CW02", "a month is left until it is time"),
        "bi-erp": ("CW02", "the option was taken up in time"),
        "forms": ("CW02", "two months are left until it is time"),
        "switching": ("CW02", "open-ended, and its successor is signed"),
        "library": ("CW03", "three months are left until a year is"),
        "health": ("CW03", "half a year is left until a year is"),
        "split-years": ("CW05", "somebody owns it"),
        "job": ("CW05", "a unit answers for it"),
    }
    for contract in agreed(world):
        if contract.key in reasons:
            rule, why = reasons[contract.key]
            yield NearMiss(world.municipality.cvr, rule, str(contract.reference.id), why, contract.number)


def agreed(world: World) -> Iterator[Agreed]:
    """Every contract of a municipality, and the framework agreements."""
    successors = {deal.plan.replaces: deal for deal in world.deals if deal.plan.replaces}
    for deal in world.deals:
        after = successors.get(deal.plan.key)
        yield Agreed(
            key=deal.plan.key,
            number=deal.number,
            reference=deal.reference,
            term=deal.plan.term,
            lead=deal.plan.lead_months or _LEADS.get(procedure_of(deal.plan), _TENDER),
            answered=deal.usage is not None or is_owned(deal.plan.key),
            told=first_told(deal.plan),
            next_starts=after.plan.term.starts if after else None,
            next_told=first_told(after.plan) if after else date.max,
            both_until=PARALLEL[1] if deal.plan.key == "old-system" else date.min,
            papers=tuple(_naming(world, deal.number, deal.order)),
        )
    for key, (_, _, term) in FRAMEWORKS.items():
        yield Agreed(
            key=key, number=f"R-{key}", reference=framework_reference(world.municipality, key), term=term,
            lead=_TENDER, answered=is_owned(key), told=FIRST_DAY,
        )  # fmt: skip


def _naming(world: World, number: str, order: str) -> Iterator[Paper]:
    for bill in world.desk.bills:
        if number == bill.paper.contract_ref or order == bill.paper.order_ref:
            yield bill.paper


def _after(paper: Paper, end: date) -> bool:
    covered = max((line.last for line in paper.lines if line.last), default=None)
    return min(paper.issued, covered) > end if covered else paper.issued > end + timedelta(days=30)


def _signed(paper: Paper) -> Decimal:
    return -paper.line_sum if paper.credit else paper.line_sum


def _first_end(contract: Agreed) -> date:
    return contract.term.ends or date.max


def _longer(end: date, months: int) -> date:
    return add_months(end + _DAY, months) - _DAY


def _near(last: date, day: date) -> bool:
    return add_months(last, -3) <= day <= last
