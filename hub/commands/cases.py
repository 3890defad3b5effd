"""Cases: the case index, and one case with its history and journal."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, get_args

import typer

from hub.output import as_mapping, print_json, print_rows
from hub.settings import Settings
from schemas.cases import CaseState

from .look import AUTHORITY, JSON, KNOWN_AT, VALID_AT, parsed, times

STATES = ", ".join(get_args(CaseState))
COLUMNS = ("authority", "number", "title", "kle_subject", "state", "since", "opened", "closed", "unit", "sensitivity")
DETAILS = ("start", "end", "state", "unit", "handler", "recorded")


def register(app: typer.Typer) -> None:
    app.command()(cases)


def cases(
    case: Annotated[str | None, typer.Argument(metavar="[CASE]", help="a case's number or id: all about it")] = None,
    kle: Annotated[str | None, typer.Option(help="KLE subject, or a group of them such as 27.36")] = None,
    state: Annotated[str | None, typer.Option(help=STATES)] = None,
    unit: Annotated[str | None, typer.Option(help="the responsible unit's name or id")] = None,
    party: Annotated[str | None, typer.Option(help="CPR or CVR number of the primary party, or its pseudonym")] = None,
    first: Annotated[str | None, typer.Option("--from", help="open, or in --state, on this day or later")] = None,
    last: Annotated[str | None, typer.Option("--to", help="open, or in --state, on this day or earlier")] = None,
    authority: AUTHORITY = None,
    valid_at: VALID_AT = None,
    known_at: KNOWN_AT = None,
    as_json: JSON = False,
) -> None:
    """Cases by subject, state, unit, party and period; titles of confidential ones are masked.

    Example: samspil cases --kle 27.36 --state clarified --from 2026-01-01 --to 2026-03-31
    """
    from consumers.cases.queries import Wanted

    if state is not None and state not in get_args(CaseState):
        raise typer.BadParameter(f"{state!r} is none of {STATES}", param_hint="--state")
    wanted = Wanted(kle=kle, state=state, unit=unit, party=party)  # type: ignore[arg-type]
    period = _period(first, last)
    if case is not None:
        _one(case, authority, valid_at, known_at, as_json)
        return
    rows = list(_found(wanted, period, authority, valid_at, known_at))
    print_rows(rows, as_json=as_json, columns=COLUMNS, title="Cases")


def _found(
    wanted: Any, period: tuple[date, date] | None, authority: str | None, valid_at: str | None, known_at: str | None
) -> Iterator[dict[str, Any]]:
    from consumers.cases.queries import cases as on_day
    from consumers.cases.queries import cases_within
    from consumers.runtime.projections import use_active
    from hub.noticing import tell_lack
    from hub.opening import open_hub
    from hub.questions import authorities
    from kernel.clock import COPENHAGEN

    day, moment = times(valid_at, known_at)
    with open_hub(Settings.from_environment()) as hub:
        today = day or hub.clock.now().astimezone(COPENHAGEN).date()
        for each in authorities(hub, authority):
            pseudonyms = hub.acceptor.pseudonyms
            asked = wanted
            if wanted.party and pseudonyms:
                asked = replace(wanted, party=pseudonyms.sought(each, wanted.party))
            with hub.database.reading((each,)) as connection:
                if use_active(connection, "cases") is None:
                    continue
                if period is None:
                    found = on_day(connection, each, today, moment, wanted=asked)
                else:
                    found = cases_within(connection, each, *period, moment, wanted=asked)
            yield from map(as_mapping, found)
        tell_lack(hub, "cases")


def _one(case: str, authority: str | None, valid_at: str | None, known_at: str | None, as_json: bool) -> None:
    from consumers.cases.queries import one_case
    from hub.opening import open_hub
    from hub.questions import of_one
    from kernel.clock import COPENHAGEN

    if authority is None:
        raise typer.BadParameter("whose case is it? say so with --authority CVR", param_hint="CASE")
    day, moment = times(valid_at, known_at)
    with open_hub(Settings.from_environment()) as hub, hub.database.reading((authority,)) as connection:
        today = day or hub.clock.now().astimezone(COPENHAGEN).date()
        of_one(hub, connection, "cases", authority)
        found = one_case(connection, authority, case, today, moment)
    if as_json:
        print_json(as_mapping(found))
        return
    print_rows([as_mapping(found.case)], as_json=False, columns=COLUMNS, title="Case")
    print_rows(map(as_mapping, found.history), as_json=False, columns=DETAILS, title="History")
    entries = ("number", "title", "direction", "entered_on", "document", "kept_in")
    print_rows(map(as_mapping, found.journal), as_json=False, columns=entries, title="Journal")


def _period(first: str | None, last: str | None) -> tuple[date, date] | None:
    """The days from `--from` to `--to`; either may be left out. Without both there is no period."""
    begins: date | None = parsed(date.fromisoformat, first, "--from", "YYYY-MM-DD")
    ends: date | None = parsed(date.fromisoformat, last, "--to", "YYYY-MM-DD")
    if begins is None and ends is None:
        return None
    begins, ends = begins or date.min, ends or date.max
    if ends < begins:
        raise typer.BadParameter(f"{last} lies before {first}", param_hint="--to")
    return begins, ends
