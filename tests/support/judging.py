"""A small consumer that judges across subjects: documents against the contracts they name.

Two rules: a document names a contract that is not known; a contract is named by more than two documents. Documents and
contracts are of two domains, so on Kafka they come by different topics.
"""

from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import BigInteger, Column, Connection, MetaData, Row, Table, Text, func, select

from consumers.runtime.consumer import Consumer, Rows
from consumers.runtime.findings import Found, findings_table, lock_authorities, replace_findings
from kernel.ids import subject_id
from schemas.alerts import Finding, Message
from schemas.catalogue import Catalogue
from schemas.envelope import CloudEvent, Event
from schemas.registry import CATALOGUE
from schemas.values import Reference
from tests.support.sample import AUTHORITIES, START

CONTRACT_FAMILY, DOCUMENT_FAMILY = "contract.contract-stated", "invoice.received"
UNKNOWN, OFTEN = "contract.unknown", "contract.often"
OFTEN_ABOVE = 2

_METADATA = MetaData()
CONTRACT = Table(
    "contract",
    _METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("number", Text, nullable=False),
    info={"write": "append"},
)
DOCUMENT = Table(
    "document",
    _METADATA,
    Column("authority", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("contract", Text, nullable=False),
    info={"write": "append"},
)
FINDING = findings_table(_METADATA)


def judging_consumer(name: str = "judging") -> Consumer:
    """Findings about documents and contracts; the group that is judged together is a contract number."""

    def judge(connection: Connection, events: Sequence[Event]) -> None:
        lock_authorities(connection, name, {event.authority for event in events}, shared_facts=False)
        for authority in sorted({event.authority for event in events}):
            mine = [event for event in events if event.authority == authority]
            erased = any(event.domain == "hub" for event in mine)
            _judge(connection, name, authority, None if erased else {number_of(event) for event in mine})

    def judge_all(connection: Connection) -> None:
        authorities = set(connection.execute(select(DOCUMENT.c.authority)).scalars())
        for authority in sorted(authorities | set(connection.execute(select(FINDING.c.authority)).scalars())):
            _judge(connection, name, authority, None)

    return Consumer(
        name=name,
        version=1,
        families=frozenset({CONTRACT_FAMILY, DOCUMENT_FAMILY}),
        tables=_METADATA,
        project=project,
        judge=judge,
        judge_all=judge_all,
        findings=FINDING,
    )


def project(events: Sequence[Event], catalogue: Catalogue) -> Rows:
    rows: dict[Table, list[tuple[Any, ...]]] = {CONTRACT: [], DOCUMENT: []}
    for event in events:
        table = CONTRACT if ".contract." in event.type else DOCUMENT
        rows[table].append((event.authority, event.subject, event.position, number_of(event)))
    return rows


def number_of(event: Event) -> str:
    """The contract number that a contract has and a document names."""
    data = orjson.loads(event.payload)
    return str(data["local_id"] if ".contract." in event.type else data["contract_refs"][0])


def contract(number: int, *, authority: str = AUTHORITIES[0], stated: int = 0) -> CloudEvent:
    """The contract with this number, for the `stated`th time."""
    kind = CATALOGUE.latest(CONTRACT_FAMILY)
    return CloudEvent(
        id=f"contract-{number}-{stated}",
        source="urn:sample",
        type=kind.name,
        subject=str(subject_id(authority, "contract", str(number))),
        authority=authority,
        time=START,
        data={**kind.sample, "local_id": f"K-{number}", "title": f"Kontrakt {number} ({stated})"},
    )


def document(number: int, of: int, *, authority: str = AUTHORITIES[0]) -> CloudEvent:
    """The document with this number, which names the contract `of`."""
    kind = CATALOGUE.latest(DOCUMENT_FAMILY)
    return CloudEvent(
        id=f"document-{number}",
        source="urn:sample",
        type=kind.name,
        subject=str(subject_id(authority, "document", str(number))),
        authority=authority,
        time=START,
        data={**kind.sample, "contract_refs": [f"K-{of}"]},
    )


def _judge(connection: Connection, name: str, authority: str, numbers: set[str] | None) -> None:
    known = _by_number(connection, CONTRACT.c.number, authority, numbers)
    naming = _by_number(connection, DOCUMENT.c.contract, authority, numbers)
    found = []
    for number, documents in naming.items():
        if number not in known:
            found += [Found(authority, number, _finding(name, UNKNOWN, each.subject, number)) for each in documents]
        elif len(documents) > OFTEN_ABOVE:
            subject = min(each.subject for each in known[number])
            found.append(Found(authority, number, _finding(name, OFTEN, subject, str(len(documents)))))
    replace_findings(connection, name, FINDING, authority, found, groups=numbers)


def _by_number(
    connection: Connection, column: "Column[Any]", authority: str, numbers: set[str] | None
) -> dict[str, list[Row[Any]]]:
    table = column.table
    query = (
        select(column.label("number"), table.c.subject, func.count().label("stated"))
        .where(table.c.authority == authority)
        .group_by(column, table.c.subject)
    )
    if numbers is not None:
        query = query.where(column.in_(numbers))
    found: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(query):
        found.setdefault(row.number, []).append(row)
    return found


def _finding(name: str, rule: str, subject: str, value: str) -> Finding:
    return Finding(
        consumer=name,
        rule=rule,
        rule_version=1,
        severity="warn",
        subject=Reference.model_validate({"id": subject}),
        subject_kind="document" if rule == UNKNOWN else "contract",
        title=Message(key=rule),
        found=value,
    )
