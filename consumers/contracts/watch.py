"""The watch over contracts: each day that begins, and whatever is told of a contract, is judged with its batch.

No clock is read: today is the authority's last day-started, and before the first one nothing is judged. Days that were
missed come in their order, each as the day it is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Column, Connection, Table, Text, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from consumers.runtime.findings import Found, lock_authorities, replace_findings
from schemas.alerts import Evidence, Finding, Message
from schemas.currencies import CURRENCIES
from schemas.envelope import Event
from schemas.hub import EventKey
from schemas.pricing import rounded
from schemas.values import Money, Reference

from .tables import BILLED, BUYING, CONTRACT, DAY, FINDING, OWNER
from .watch_facts import today_of, watched_contracts
from .watch_rules import Hit, Rule, find
from .watched import Watched

NAME = "contracts"
"""The consumer's name: of its schema, its locks, its findings and what it has yet to tell."""
_EVERYTHING = frozenset({"time.day-started", "hub.redacted", "supplier.supplier-stated", "supplier.supplier-removed"})
"""After these, all contracts of an authority are judged."""
_ABOUT: Mapping[str, Column[Any]] = {
    "organisation": OWNER.c.contract,
    "invoice": BILLED.c.refs,
    "workflow": BUYING.c.contracts,
    "portfolio": BUYING.c.contracts,
}
"""By domain, the column that says which contracts an event's subject is about."""


def judge(connection: Connection, events: Sequence[Event]) -> None:
    """Judge what `events`, whose rows are written, may have changed. A fact for everybody concerns every authority."""
    shared = any(event.shared for event in events)
    authorities = {event.authority for event in events}
    lock_authorities(connection, NAME, authorities, shared_facts=shared)
    for authority in sorted(authorities | (_all_authorities(connection) if shared else set())):
        told = [event for event in events if event.authority == authority or event.shared]
        if any(event.family in _EVERYTHING for event in told):
            _judge(connection, authority, None)
        elif touched := _touched(connection, authority, told):
            _judge(connection, authority, touched)


def judge_all(connection: Connection) -> None:
    """Judge every contract of every authority, in a version that nobody else works on yet."""
    for authority in sorted(_all_authorities(connection)):
        _judge(connection, authority, None)


def _judge(connection: Connection, authority: str, contracts: Collection[str] | None) -> None:
    today = today_of(connection, authority)
    watched = watched_contracts(connection, authority, today, contracts) if today else ()
    found = [
        Found(authority, str(each.id), finding_of(authority, rule, hit, each))
        for each in watched
        for rule, hit in find(each)
    ]
    replace_findings(connection, NAME, FINDING, authority, found, groups=contracts)


def _touched(connection: Connection, authority: str, events: Iterable[Event]) -> set[str]:
    """The contracts whose judgement these events may have changed: their own, and those before and around them."""
    subjects = defaultdict[str, set[str]](set)
    for event in events:
        subjects[event.domain].add(event.subject)
    touched = set[str]()
    if stated := {event.subject for event in events if event.family.startswith("contract.contract-")}:
        touched |= stated | set(_values(connection, CONTRACT.c.tied, authority, stated))
    for domain, column in _ABOUT.items():
        if about := subjects.get(domain):
            named = set(_values(connection, column, authority, about))
            touched |= _bearing(connection, authority, named) if domain == "invoice" else named
    return touched


def _values(connection: Connection, column: Column[Any], authority: str, subjects: Collection[str]) -> Iterator[str]:
    """Everything that `column` ever said of the subjects."""
    each = func.unnest(column) if isinstance(column.type, ARRAY) else column
    query = select(each).where(column.table.c.authority == authority, column.table.c.subject.in_(subjects))
    return (value for value in connection.execute(query.distinct()).scalars() if value)


def _bearing(connection: Connection, authority: str, refs: Collection[str]) -> set[str]:
    """The contracts that ever bore one of these numbers, and the contracts that those add to."""
    overlaps = CONTRACT.c.refs.op("&&", is_comparison=True)(literal(sorted(refs), ARRAY(Text)))
    query = select(CONTRACT.c.subject, CONTRACT.c.tied).where(CONTRACT.c.authority == authority, overlaps)
    return {each for subject, tied in connection.execute(query) for each in (subject, *tied)}


def _all_authorities(connection: Connection) -> set[str]:
    tables: tuple[Table, ...] = (DAY, FINDING)
    return {each for table in tables for each in connection.execute(select(table.c.authority).distinct()).scalars()}


def finding_of(authority: str, rule: Rule, hit: Hit, watched: Watched) -> Finding:
    """What a rule found, as it is told; with the supplier, the unit and the systems that it concerns."""
    contract = watched.contract
    return Finding(
        consumer=NAME,
        rule=rule.code,
        rule_version=rule.version,
        severity=rule.severity,
        subject=Reference(id=watched.id, name=contract.title),
        subject_kind="contract",
        title=Message(key=f"{rule.code}.{hit.reason}", values=_texts(hit)),
        expected=hit.expected.isoformat() if hit.expected else None,
        found=hit.found.isoformat() if hit.found else None,
        unit="date" if hit.expected else None,
        amount_at_stake=_at_stake(hit),
        causes=_causes(authority, hit, watched),
        references=(
            Evidence(kind="contract", id=watched.id, local_id=contract.local_id, name=contract.title),
            Evidence(kind="supplier", id=contract.supplier.id, name=contract.supplier.name),
            *(Evidence(kind="successor", id=each.id, local_id=each.local_id) for each in watched.successors),
            *(Evidence(kind="unit", id=unit.id, name=unit.name) for unit in _one(contract.responsible_unit)),
            *(Evidence(kind="system-usage", id=usage.id, name=usage.name) for usage in contract.usages),
        ),
    )


def _one(reference: Reference | None) -> tuple[Reference, ...]:
    return (reference,) if reference else ()


def _texts(hit: Hit) -> dict[str, str]:
    """The values as text, dates as ISO 8601; what is not known is left out."""
    return {
        name: value.isoformat() if isinstance(value, date) else str(value)
        for name, value in hit.values.items()
        if value is not None
    }


def _at_stake(hit: Hit) -> Money | None:
    if hit.stake is None or hit.stake[1] not in CURRENCIES:
        return None
    amount, currency = hit.stake
    return Money(amount=rounded(amount, currency), currency=currency)


def _causes(authority: str, hit: Hit, watched: Watched) -> tuple[EventKey, ...]:
    origins = dict.fromkeys((watched.origin, *hit.rests_on))
    return tuple(EventKey(authority=authority, source=origin.source, id=origin.id) for origin in origins)
