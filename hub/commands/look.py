"""Looking: events, the way of one event, the queries, the state of the hub, the catalogue."""

from datetime import date, datetime
from typing import Annotated, Any

import typer

from hub.output import as_mapping, print_json, print_line, print_rows
from hub.settings import Settings

JSON = Annotated[bool, typer.Option("--json", help="JSON, one object a line")]
AUTHORITY = Annotated[str | None, typer.Option(help="CVR of one authority; every authority without it")]
VALID_AT = Annotated[str | None, typer.Option(help="the day asked about, YYYY-MM-DD (default: today)")]
KNOWN_AT = Annotated[str | None, typer.Option(help="what the hub knew then, YYYY-MM-DDTHH:MM+HH:MM (default: now)")]

LANDSCAPE_QUESTIONS = "systems, relations, costs, retendering, owners, conformity"
CONTRACT_QUESTIONS = "contracts, prices, processing, ending, indexes, counts"


def register(app: typer.Typer) -> None:
    for command in (events, trace, landscape, contracts, alerts, status, digest, doctor, catalogue):
        app.command()(command)


def events(
    authority: AUTHORITY = None,
    subject: Annotated[str | None, typer.Option(help="only this subject")] = None,
    family: Annotated[str | None, typer.Option("--type", help="only this type, such as invoice.received")] = None,
    after: Annotated[int, typer.Option(help="only events after this position")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="how many at most")] = 100,
    as_json: JSON = False,
) -> None:
    """List the event store.

    Example: samspil events --type invoice.received --limit 10
    """
    from hub.listing import event_rows
    from hub.opening import open_hub
    from hub.words import require_authority, require_type

    require_type(family)
    with open_hub(Settings.from_environment()) as hub:
        require_authority(hub, authority)
        rows = event_rows(hub.database, authority=authority, subject=subject, family=family, after=after, limit=limit)
        print_rows(
            rows, as_json=as_json, columns=("position", "time", "authority", "type", "subject", "id"), title="Events"
        )


def trace(event_id: Annotated[str, typer.Argument(metavar="ID", help="an event's id")], as_json: JSON = False) -> None:
    """The whole way of one event: what caused it, what followed, who has applied it.

    Example: samspil trace 5f0c...
    """
    from hub.consumers import CONSUMERS
    from hub.listing import trace_rows
    from hub.opening import open_hub

    with open_hub(Settings.from_environment()) as hub:
        rows = trace_rows(hub.database, CONSUMERS, hub.catalogue, event_id)
        print_rows(rows, as_json=as_json, columns=("step", "position", "at", "type", "subject", "id"), title="The way")


def landscape(
    question: Annotated[str, typer.Argument(help=LANDSCAPE_QUESTIONS)] = "systems",
    authority: AUTHORITY = None,
    valid_at: VALID_AT = None,
    known_at: KNOWN_AT = None,
    as_json: JSON = False,
) -> None:
    """The six questions: which systems, how they hang together, their cost, when to re-tender, owners, conformity.

    Example: samspil landscape costs --authority 99000007 --valid-at 2025-06-30
    """
    query("landscape", question, authority, valid_at, known_at, as_json)


def contracts(
    question: Annotated[
        str, typer.Argument(help="contracts, prices, processing, ending, indexes, counts")
    ] = "contracts",
    authority: AUTHORITY = None,
    valid_at: VALID_AT = None,
    known_at: KNOWN_AT = None,
    as_json: JSON = False,
) -> None:
    """Contracts with their dates, prices and data-processing agreements.

    Example: samspil contracts ending --authority 99000007
    """
    query("contracts", question, authority, valid_at, known_at, as_json)


def alerts(
    authority: AUTHORITY = None,
    rule: Annotated[str | None, typer.Option(help="only this rule, such as IC13")] = None,
    valid_at: VALID_AT = None,
    known_at: KNOWN_AT = None,
    as_json: JSON = False,
) -> None:
    """Alerts that are open, or were at the end of a day or at a moment.

    Example: samspil alerts --rule IC13
    """
    from hub.noticing import tell_lack
    from hub.opening import open_hub
    from hub.questions import end_of_day, open_alerts

    day, moment = times(valid_at, known_at)
    moment = moment or (end_of_day(day) if day else None)
    with open_hub(Settings.from_environment()) as hub:
        rows = open_alerts(hub, authority, rule, moment)
        columns = ("authority", "rule", "severity", "status", "subject", "line", "amount")
        print_rows(rows, as_json=as_json, columns=columns, title="Open alerts")
        tell_lack(hub, "alerts")


def status(as_json: JSON = False) -> None:
    """Positions, lag, parked events, and whether everything has been applied.

    Example: samspil status --json
    """
    from hub.consumers import CONSUMERS
    from hub.opening import open_hub
    from monitoring.status import status_of

    with open_hub(Settings.from_environment()) as hub:
        found = status_of(hub.database, CONSUMERS)
    if as_json:
        print_json(found.as_json())
        return
    print_line(f"events {found.events}, position {found.position}, relayed {found.relayed}")
    print_line("all applied" if found.caught_up else "work is waiting")
    told = found.deliveries
    print_line(
        f"deliveries {told.delivered}, failed attempts {told.failed}; "
        f"subscriptions {told.active} active, {told.retrying} of them trying again, {told.paused} paused"
    )
    if still := found.undelivered:
        print_line(f"nobody delivers: {', '.join(still)}")
    rows = [consumer._asdict() for consumer in found.consumers]
    print_rows(
        rows, as_json=False, columns=("name", "version", "position", "lag", "parked", "pending"), title="Consumers"
    )


def digest(
    name: Annotated[str | None, typer.Argument(help="a consumer; every one without it")] = None,
    as_json: JSON = False,
) -> None:
    """One hash and row count per table: equal for equal contents, however they came about.

    Example: samspil digest landscape --json
    """
    from consumers.runtime.digest import digests
    from hub.consumers import consumers_named
    from hub.opening import open_hub

    chosen = consumers_named([name] if name else [])
    with open_hub(Settings.from_environment()) as hub, hub.database.worker.connect() as connection:
        found = digests(connection, chosen)
    if as_json:
        print_json(found)
    else:
        rows = [{"table": table, "digest": value} for table, value in found.items()]
        print_rows(rows, as_json=False, columns=("table", "digest"), title="Digests")


def doctor(as_json: JSON = False) -> None:
    """Look the hub over: every finding with what to do about it. Exit code 1 when something is wrong.

    Example: samspil doctor
    """
    from hub.doctor import examine

    found = examine(Settings.from_environment())
    print_rows(found, as_json=as_json, columns=("check", "ok", "finding", "fix"), title="Samspil, looked over")
    if any(not row["ok"] for row in found):
        raise typer.Exit(1)


def catalogue(
    asyncapi: Annotated[bool, typer.Option("--asyncapi", help="the AsyncAPI document of the hub's topics")] = False,
    as_json: JSON = False,
) -> None:
    """The event types: key, owner, sensitivity, schema and sample.

    Example: samspil catalogue --json
    """
    from schemas.publish import asyncapi as asyncapi_document
    from schemas.publish import json_schema
    from schemas.registry import CATALOGUE

    if asyncapi:
        print_json(asyncapi_document(CATALOGUE, version="0.1.0"))
        return
    rows: list[dict[str, Any]] = []
    for kind in CATALOGUE:
        row: dict[str, Any] = {"type": kind.name, "owner": kind.owner, "key": kind.key, "sensitivity": kind.sensitivity}
        rows.append(row | ({"schema": json_schema(kind), "sample": kind.sample} if as_json else {}))
    print_rows(rows, as_json=as_json, columns=("type", "owner", "key", "sensitivity"), title="Event types")


def query(
    consumer: str, question: str, authority: str | None, valid_at: str | None, known_at: str | None, as_json: bool
) -> None:
    """Ask a consumer one of its questions and list the answer."""
    from hub.noticing import tell_lack
    from hub.opening import open_hub
    from hub.questions import ask

    day, moment = times(valid_at, known_at)
    with open_hub(Settings.from_environment()) as hub:
        rows = [as_mapping(row) for row in ask(hub, consumer, question, authority, day, moment)]
        tell_lack(hub, consumer)
    columns = list(rows[0]) if rows else ["nothing"]
    print_rows(rows, as_json=as_json, columns=columns, title=f"{consumer}: {question}")


def times(valid_at: str | None, known_at: str | None) -> tuple[date | None, datetime | None]:
    """The day and the moment that a query asks about; a moment without an offset is of this machine's time zone."""
    day: date | None = parsed(date.fromisoformat, valid_at, "--valid-at", "YYYY-MM-DD")
    moment: datetime | None = parsed(datetime.fromisoformat, known_at, "--known-at", "YYYY-MM-DDTHH:MM+HH:MM")
    return day, moment.astimezone() if moment is not None and moment.tzinfo is None else moment


def parsed(parse: Any, value: str | None, option: str, form: str) -> Any:
    try:
        return parse(value) if value else None
    except ValueError:
        raise typer.BadParameter(f"{value!r} is not of the form {form}", param_hint=option) from None
