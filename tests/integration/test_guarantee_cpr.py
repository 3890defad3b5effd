"""CPR numbers are in no output, and ten-digit order and account numbers survive, also where they read like dates."""

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
import structlog
from sqlalchemy import select, text

from access.principals import HUB
from consumers.landscape.consumer import LANDSCAPE
from consumers.landscape.tables import INVOICED
from consumers.runtime.projections import use_active
from kernel import errors, logs, masking
from kernel.clock import SystemClock
from kernel.errors import Conflict, Invalid
from kernel.logs import log_to
from producers.accept import Acceptor
from producers.gather import Gatherer
from schemas import catalogue, envelope, invoice_parts
from schemas.coding import parse_body
from schemas.registry import CATALOGUE
from schemas.values import LocalId
from storage.database import Database
from tests.support.events import AUTHORITY
from tests.support.filled import CONSUMERS
from tests.support.outputs import dump, listings, metrics, records, rows, server_log
from tests.support.persons import ORDERS, PERSONS, TYPES, about, cpr, identifiers, leaked
from tests.support.sample import applier, drain, sample_consumer, store, unit

NEVER = re.compile(r"(?!)")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """All that is logged, by us and by libraries, as the hub's processes log it."""
    stream = io.StringIO()
    log_to(stream)
    yield stream
    structlog.reset_defaults()
    logging.basicConfig(force=True)


def take_in(database: Database, persons: int) -> None:
    """Store an event about each person, and let every consumer apply it."""
    for start in range(0, persons, 250):
        store(database, [about(number) for number in range(start, min(start + 250, persons))])
    for consumer in CONSUMERS:
        drain(applier(database, consumer))


@pytest.mark.guarantee
def test_a_thousand_cpr_numbers_are_nowhere(database: Database, log: io.StringIO, tmp_path: Path) -> None:
    """In texts, names and parties' numbers of every event type: no table, backup, record, metric, listing or log holds
    one of them."""
    take_in(database, PERSONS)
    found = rows(database)
    assert found["hub.event"].count("****") > PERSONS
    assert {name: leaked(text) for name, text in found.items() if leaked(text)} == {}
    assert leaked(dump(database, tmp_path / "dump")) == set()
    assert leaked(log.getvalue()) == set()
    assert leaked(records(database)) == set()
    scraped = metrics(database)
    assert f'authority="{AUTHORITY}"' in scraped
    assert leaked(scraped) == set()
    listed = listings(database, [f"event-{number}" for number in range(0, PERSONS, 25)])
    assert {name: leaked(text) for name, text in listed.items() if leaked(text)} == {}
    assert {name for name, text in listed.items() if "****" in text} >= {"cases", "contracts contracts", "alerts"}
    assert leaked(server_log(database)) == set()


@pytest.mark.guarantee
def test_ten_digit_numbers_survive(database: Database) -> None:
    """Order and account numbers of as many digits as a CPR number stand as they were sent, in store and projection."""
    take_in(database, 5 * len(TYPES))
    with database.worker.begin() as connection:
        payloads = connection.execute(
            text("SELECT payload FROM hub.event WHERE type LIKE 'dk.samspil.invoice.received.%' ORDER BY position")
        ).scalars()
        sent = [orjson.loads(payload) for payload in payloads]
        use_active(connection, LANDSCAPE.name)
        kept = set(connection.execute(select(INVOICED.c.reference)).scalars())
    assert {data["order_ref"] for data in sent} == set(ORDERS)
    assert {data["payment"][0]["account"] for data in sent} == set(ORDERS)
    assert kept == set(ORDERS)


@pytest.mark.guarantee
def test_without_masking_they_are_everywhere(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: what people write goes into tables as it was written."""
    for pattern in ("_CPR", "_GLUED", "_WRITTEN"):
        monkeypatch.setattr(masking, pattern, NEVER)
    monkeypatch.setattr(invoice_parts, "CPR_SCHEMES", frozenset())
    take_in(database, 2 * len(TYPES))
    found = rows(database)
    leaking = {name for name, text in found.items() if leaked(text)}
    assert leaking >= {"hub.event", "landscape_v1.unit", "contracts_v1.contract", "invoice_control_v1.invoice"}
    assert leaked(records(database))
    listed = listings(database, ())
    assert {name for name, text in listed.items() if leaked(text)} >= {"cases", "landscape systems", "alerts"}


@pytest.mark.guarantee
def test_masking_by_pattern_everywhere_would_break_order_numbers() -> None:
    """Switched off the other way: free text's pattern takes order numbers for CPR numbers, all but one of them."""
    assert [order for order in ORDERS if masking.mask_cpr(order) == order] == ["4500017731"]


@pytest.mark.guarantee
def test_what_takes_a_cpr_number_as_it_is_is_an_identifier() -> None:
    """No field that people write text into is left out: every other one is a `LocalId` by its type."""
    longest = "x" * 200
    for kind in TYPES:
        for path in identifiers(kind):
            data = orjson.loads(orjson.dumps(kind.sample))
            at = data
            for step in path[:-1]:
                at = at[step]
            at[path[-1]] = longest
            CATALOGUE.canonical(kind.name, data)
            at[path[-1]] = longest + "x"
            with pytest.raises(Invalid, match="at most 200"):
                CATALOGUE.canonical(kind.name, data)
    assert LocalId.__metadata__[0].max_length == 200


ROLE = CATALOGUE.latest("organisation.role-stated")
REFUSED = (
    {"subject": cpr(0)},
    {"id": f"a{cpr(0)}b"},
    {"source": f"urn:{cpr(0)}"},
    {"correlationid": cpr(0)},
    {"causationid": cpr(0)},
    {"sequence": cpr(0)},
    {"authority": cpr(0)},
    {"time": cpr(0)},
    {"type": cpr(0)},
    {"dataclassification": cpr(0)},
    {cpr(0): "an attribute"},
    {"data": {"name": cpr(0), cpr(0): "a field"}},
    {"data": {"name": {"name": cpr(0)}}},
    {"data": {"name": "Enhed", "glns": [{"gln": cpr(0)}]}},
    {"data": {"name": "Enhed", "parent": {"id": cpr(0)}}},
    {"data": {"name": "Enhed", "local_id": cpr(0) * 30}},
    {"source": f"urn:cases:{cpr(1)}"},
    {"type": ROLE.name, "subject": f"role:{cpr(1)}", "data": ROLE.sample},
    {"data": cpr(0)},
    {"type": "dk.samspil.nothing.at-all.v1", "data": cpr(0)},
)


@pytest.mark.guarantee
@pytest.mark.parametrize("change", REFUSED, ids="-".join)
def test_what_is_refused_is_said_without_it(database: Database, change: dict[str, object]) -> None:
    """In keys it is refused, elsewhere it is masked; no message repeats it, neither as a value nor as a name."""
    assert (cpr(0).count("-"), cpr(1).isdigit()) == (1, True)
    sent = orjson.dumps({**unit(1).model_dump(mode="json", exclude_none=True), **change})
    gatherer = Gatherer(database, CATALOGUE, SystemClock())
    try:
        with pytest.raises(Invalid) as refused:
            Acceptor(gatherer, CATALOGUE, SystemClock()).accept(parse_body(sent, batch=False), HUB)
    finally:
        gatherer.close()
    said = f"{refused.value} {refused.value!r} {refused.value.problems} {refused.value.args}"
    assert leaked(said) == set()
    assert refused.value.problems
    with database.worker.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM hub.event")).scalar() == 0


@pytest.mark.guarantee
def test_ten_plain_digits_in_other_keys_and_identifiers_stand_as_they_were_sent(database: Database) -> None:
    """They may be an order's number: neither refused nor masked, also where one would read as a CPR number."""
    order = ORDERS[1]
    keys = {"id": order, "correlationid": order, "causationid": order, "sequence": order}
    store(database, [unit(1, subject=order, data={"local_id": order}).model_copy(update=keys)])
    drain(applier(database, LANDSCAPE))
    (event,) = orjson.loads(listings(database, [order])["events --limit 100000"].join("[]"))
    assert (event["id"], event["subject"]) == (order, order)
    assert rows(database)["hub.event"].count(order) == 7
    assert rows(database)["landscape_v1.unit"].count(order) > 1


@pytest.mark.guarantee
def test_a_source_that_is_not_judged_is_listed_with_it(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: a person's number is the name of a source, in the store and in listings."""
    monkeypatch.setattr(envelope, "names_cpr", lambda _: False)
    sent = {**unit(1).model_dump(mode="json", exclude_none=True), "source": f"urn:cases:{cpr(1)}"}
    store(database, parse_body(orjson.dumps(sent), batch=False))
    assert leaked(listings(database, ())["events --limit 100000"])


@pytest.mark.guarantee
def test_a_message_that_is_not_masked_repeats_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: what is refused is repeated to whoever reads the refusal."""
    monkeypatch.setattr(errors, "mask_message", str)
    monkeypatch.setattr(catalogue, "mask_digits", str)
    sent = orjson.dumps({**unit(1).model_dump(mode="json", exclude_none=True), "subject": cpr(0)})
    with pytest.raises(Invalid) as refused:
        parse_body(sent, batch=False)
    assert leaked(str(refused.value))


@pytest.mark.guarantee
def test_a_clash_is_told_without_bodies(database: Database) -> None:
    """The same id with another body: the answer and the hub's own event name keys and hashes."""
    gatherer = Gatherer(database, CATALOGUE, SystemClock())
    acceptor = Acceptor(gatherer, CATALOGUE, SystemClock())
    try:
        acceptor.accept([unit(1)], HUB)
        with pytest.raises(Conflict) as refused:
            acceptor.accept([unit(1, data={"name": f"Hansen {cpr(0)}"})], HUB)
    finally:
        gatherer.close()
    assert leaked(str(refused.value)) == set()
    assert {name for name, text in rows(database).items() if leaked(text)} == set()


@pytest.mark.guarantee
def test_what_a_rule_says_of_a_person_is_masked_where_it_is_parked_and_logged(
    database: Database, log: io.StringIO
) -> None:
    """An error may quote what it choked on: reason, event, alert and log hide it, glued to other text or not."""

    def choking(*_: object) -> None:
        raise ValueError(f"no such person {cpr(0)}, cpr{cpr(3)}x")

    store(database, [unit(1)])
    drain(applier(database, replace(sample_consumer(), project=choking)))
    for consumer in CONSUMERS:
        drain(applier(database, consumer))
    found = rows(database)
    assert "no such person" in found["hub.parked"]
    assert "no such person" in log.getvalue()
    assert {name: leaked(text) for name, text in found.items() if leaked(text)} == {}
    assert leaked(log.getvalue()) == set()


@pytest.mark.guarantee
def test_the_log_of_libraries_is_masked(log: io.StringIO) -> None:
    """What any library logs, and what the hub logs, with its traceback and in whatever it names."""
    try:
        raise ValueError(cpr(0))
    except ValueError:
        logging.getLogger("some.library").exception("failed for %s", cpr(1))
        structlog.get_logger().exception("failed", person=cpr(2), persons=[cpr(3)])
    assert log.getvalue().count("ValueError: 010150-****") == 2
    assert leaked(log.getvalue()) == set()


@pytest.mark.guarantee
def test_a_log_that_is_not_masked_repeats_it(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """Switched off: the number stands in the log of the hub and in that of libraries."""
    monkeypatch.setattr(logs, "mask_message", str)
    logging.getLogger("some.library").error("failed for %s", cpr(1))
    structlog.get_logger().info("failed", person=cpr(2))
    assert len(leaked(log.getvalue())) == 2


@pytest.mark.guarantee
def test_a_failing_statement_leaves_no_data_behind(database: Database) -> None:
    """Neither the error nor the server's log repeats the row that a database error is about."""
    with database.owner.begin() as connection:
        connection.execute(text("CREATE TABLE person (name text CHECK (name = ''), authority text)"))
    with pytest.raises(Exception, match="check") as failed, database.owner.begin() as connection:
        connection.execute(
            text("INSERT INTO person VALUES (:name, :authority)"), {"name": cpr(0), "authority": AUTHORITY}
        )
    assert "parameters hidden" in str(failed.value)
    assert leaked(server_log(database)) == set()
