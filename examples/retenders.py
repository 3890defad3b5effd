"""How the demo's people carry re-tenders on: which step takes how long, what they write, and how far each gets."""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from schemas.months import add_months

from .facts import next_working_day
from .municipalities import LAST_DAY
from .watched_plans import ENDINGS
from .world import World

PROCESS = "retender"
FIRST_STEP = "AskCentralUnit"
PATH = {
    FIRST_STEP: 6,
    "AnalyseNeeds": 30,
    "DescribeAsIsToBe": 20,
    "MakeBusinessCase": 20,
    "Recommend": 8,
    "CouncilDecides": 20,
    "BoardDecides": 30,
    "AppointManager": 8,
    "FormTeam": 15,
    "SpecifyRequirements": 60,
    "DraftContract": 30,
    "RunTender": 120,
    "CheckImplementation": 60,
    "HandOver": 8,
    "CloseProject": 15,
}
"""The steps that people are asked for one after another, each with the days it takes them."""
REMINDERS = {
    FIRST_STEP: ("RemindOwner", 0, 14),
    "BoardDecides": ("PutOnAgenda", 2, 0),
    "RunTender": ("FollowUpTender", 6, 0),
}
"""Who waits so many months and days too long for a step is asked for another beside it."""


class Script(NamedTuple):
    """`left_at` is the step that nobody does; `rejected`: the board sends it back once; `hurry` is how much less time
    they take; a contract that `ends` is not bought anew."""

    left_at: str | None = None
    rejected: bool = False
    hurry: float = 1.0
    ends: bool = False


SCRIPTS: Mapping[str, Script] = {
    "web": Script(),
    "intranet": Script(rejected=True, hurry=0.9),
    "maps": Script(),
    "library": Script(left_at="SpecifyRequirements"),
    "health": Script(left_at="BoardDecides"),
    "building": Script(),
    "dental": Script(),
    "booking": Script(left_at=FIRST_STEP),
    "environment": Script(),
    "planning": Script(left_at=FIRST_STEP),
}
"""By the plan of the contract. Every other contract that is due ends without another. Of the two that nobody answers
one is late when the demo ends."""


class Step(NamedTuple):
    """A task of a re-tender: the day it is asked for, and the day it is done, if it is."""

    name: str
    opened: date
    done: date | None
    turn: int


def steps(key: str, alarm: date) -> Iterator[Step]:
    """The tasks of the re-tender of one contract, as they are asked for within the demo."""
    script, names, turns = SCRIPTS.get(key, Script(ends=True)), list(PATH), dict.fromkeys(PATH, 0)
    day, place = alarm, 0
    while place < len(names):
        name = names[place]
        turns[name] += 1
        acted = next_working_day(day + timedelta(days=max(1, int(PATH[name] * script.hurry))))
        done = acted if acted <= LAST_DAY and name != script.left_at else None
        yield Step(name, day, done, turns[name])
        if name in REMINDERS:
            yield from _reminder(name, day, done)
        if done is None or script.ends:
            return
        again = script.rejected and name == "BoardDecides" and turns[name] == 1
        day, place = done, names.index("AnalyseNeeds") if again else place + 1


def _reminder(name: str, opened: date, done: date | None) -> Iterator[Step]:
    reminder, months, days = REMINDERS[name]
    on = add_months(opened, months) + timedelta(days=days)
    if on <= LAST_DAY and (done is None or done > on):
        yield Step(reminder, on, None, 1)


def form_of(world: World, key: str, step: Step, number: str) -> dict[str, Any]:
    """What somebody writes into the form of a step; `number` is the contract's."""
    script = SCRIPTS.get(key, Script(ends=True))
    if step.name == FIRST_STEP:
        return {"route": "ends" if script.ends else "retender", "what": "Bruges dagligt; aftalen udløber"}
    if step.name == "BoardDecides":
        rejected = script.rejected and step.turn == 1
        decision = "reject" if rejected else "approve"
        reason = "Gevinsterne er ikke beskrevet godt nok" if rejected else "Som indstillet"
        return {"board_decision": decision, "board_reason": reason} | ({} if rejected else {"budget": "450000"})
    if step.name == "AppointManager":
        manager = world.employees[60 + list(SCRIPTS).index(key)]
        return {"manager_id": manager.code.lower(), "manager_name": manager.name}
    if step.name == "RunTender":
        return _tender(key, step, number)
    if step.name == "MakeBusinessCase":
        return _business_case(step)
    return dict(_FORMS[step.name])


def _tender(key: str, step: Step, number: str) -> dict[str, Any]:
    end = ENDINGS[key].term.ends
    assert end is not None
    starts = end + timedelta(days=1)
    assert step.done is not None
    return {
        "procedure": ENDINGS[key].procedure,
        "next_number": f"{number}-2",
        "same_supplier": key == "web",
        "winner": "Lærkefelt Data A/S" if key == "web" else "Nyborg Intranet ApS",
        "signed_on": step.done.isoformat(),
        "next_starts_on": starts.isoformat(),
        "next_ends_on": (starts.replace(year=starts.year + 4) - timedelta(days=1)).isoformat(),
        "next_notice": "6",
        "total_value": "1400000",
    }


def _business_case(step: Step) -> dict[str, Any]:
    return {
        "case_summary": "Mindre drift og færre fejl",
        "investment": "450000",
        "yearly_cost": "90000",
        "yearly_gain": "160000",
        "risks": "Leverandøren skiftes i en travl tid",
        "risk_document": f"RISK-{step.opened:%Y%m%d}",
        "benefit_title": "Lavere udgift",
        "benefit_kind": "economy",
        "benefit_unit": "DKK",
        "benefit_baseline": "400000",
        "benefit_target": "240000",
        "benefit_due": (step.opened + timedelta(days=900)).isoformat(),
        "project_end": (step.opened + timedelta(days=600)).isoformat(),
        "hours": "20",
    }


_FORMS: Mapping[str, Mapping[str, Any]] = {
    "AnalyseNeeds": {"needs": "Samme opgaver, bedre søgning", "users": "140", "interested": "Alle centre"},
    "DescribeAsIsToBe": {"as_is": "To indgange, megen dobbelttastning", "to_be": "Én indgang, data hentes ét sted fra"},
    "Recommend": {"recommendation": "Det indstilles, at opgaven genudbydes"},
    "CouncilDecides": {
        "score_strategy": "4", "score_economy": "3", "score_service": "4", "score_obligation": "5",
        "score_feasibility": "3", "advice": "approve", "advice_reason": "Aftalen udløber",
    },
    "FormTeam": {"team": "Fagperson, it, indkøb, databeskyttelse"},
    "SpecifyRequirements": {
        "requirements_document": "KRAV-1", "architecture": True, "security": True, "data_protection": True,
        "accessibility": True, "archiving": True,
    },
    "DraftContract": {
        "template": "K02", "uptime": "99.5", "uptime_credit": "5", "service_window": "7-17", "resolution": "8",
        "return_format": "CSV",
    },
    "CheckImplementation": {
        "result": "accepted", "light": "green", "status": "Overtaget uden mangler", "test_document": "PROEVE-1",
    },
    "HandOver": {"hand_over": "Drift og support er orienteret"},
    "CloseProject": {"closing_document": "SLUT-1", "lessons": "Begynd tidligere med dataudtrækket"},
}  # fmt: skip
