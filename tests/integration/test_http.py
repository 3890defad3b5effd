"""The way in over HTTP, with a real server and a real database: every answer, and what is stored after it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx
import orjson
import pytest
from sqlalchemy import text

from access.agreements import approve_agreement, request_agreement
from access.principals import Principal
from access.sources import transfer
from adapters.http import api
from adapters.http.read import MAX_EVENTS
from producers.gather import Gatherer
from producers.store import APPEND_LOCK, Request
from schemas.envelope import BATCH_CONTENT_TYPE, CONTENT_TYPE, CloudEvent
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.sample import TYPE, subject_of, unit
from tests.support.serving import AUTHORITY, key_of, serving
from tests.support.wait import until

NEIGHBOUR = "99000015"
CPR = "010190-1234"


@pytest.fixture
def served(database: Database) -> Iterator[tuple[str, Gatherer]]:
    with serving(database) as at:
        yield at


@pytest.fixture
def caller(database: Database, served: tuple[str, Gatherer]) -> Iterator[httpx.Client]:
    """A source system that may send the organisation of one authority."""
    with _client(served[0], key_of(database, "source")) as client:
        yield client


def _client(url: str, key: str) -> httpx.Client:
    limits = httpx.Limits(max_connections=60)
    return httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}, timeout=30, limits=limits)


def send(client: httpx.Client, *events: CloudEvent | dict[str, Any], **headers: str) -> httpx.Response:
    """One event in structured mode, several as a batch."""
    written = [one if isinstance(one, dict) else one.model_dump(mode="json", exclude_none=True) for one in events]
    media_type = CONTENT_TYPE if len(written) == 1 else BATCH_CONTENT_TYPE
    body = orjson.dumps(written[0] if len(written) == 1 else written)
    return client.post("/events", content=body, headers={"content-type": media_type, **headers})


def stored(database: Database) -> list[tuple[str, int]]:
    """(id, position) of every event in the store."""
    with database.worker.connect() as connection:
        rows = connection.execute(text("SELECT id, position FROM hub.event ORDER BY position"))
        return [(row.id, row.position) for row in rows]


def assert_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The answer is a problem detail of this status, with one call id in header and body."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["title"]
    assert body["instance"] == f"urn:uuid:{body['call_id']}"
    assert UUID(answer.headers["samspil-call-id"]) == UUID(body["call_id"])
    return body


def test_an_event_is_taken(caller: httpx.Client, database: Database) -> None:
    """202 names the event, says accepted, and where it stands in the store."""
    answer = send(caller, unit(1))
    assert answer.status_code == 202
    assert answer.headers["samspil-call-id"]
    ((identity, position),) = stored(database)
    assert answer.json() == {"events": [{"id": identity, "status": "accepted", "position": position}]}


def test_the_same_event_twice_is_a_duplicate(caller: httpx.Client, database: Database) -> None:
    """Sending again is harmless and says so."""
    send(caller, unit(1))
    assert send(caller, unit(1)).json() == {"events": [{"id": "event-1", "status": "duplicate", "position": None}]}
    assert len(stored(database)) == 1


def test_a_state_that_says_nothing_new_is_unchanged(caller: httpx.Client, database: Database) -> None:
    """A register read again, with new ids, stores nothing."""
    send(caller, unit(1))
    again = unit(1).model_copy(update={"id": "event-1-again"})
    assert send(caller, again).json()["events"][0]["status"] == "unchanged"
    assert len(stored(database)) == 1


def test_a_batch_is_taken_in_its_order(caller: httpx.Client, database: Database) -> None:
    """A batch too large to be read on the event loop is stored whole, in order."""
    events = [unit(number) for number in range(400)]
    answer = send(caller, *events)
    assert [each["status"] for each in answer.json()["events"]] == ["accepted"] * 400
    assert [identity for identity, _ in stored(database)] == [event.id for event in events]


def test_an_empty_batch_is_nothing(caller: httpx.Client) -> None:
    """CloudEvents allows a batch without events."""
    answer = caller.post("/events", content=b"[]", headers={"content-type": BATCH_CONTENT_TYPE})
    assert (answer.status_code, answer.json()) == (202, {"events": []})


def test_binary_mode_is_the_same_event(caller: httpx.Client) -> None:
    """What came in structured mode is a duplicate in binary mode."""
    event = unit(1)
    send(caller, event)
    attributes = event.model_dump(mode="json", exclude_none=True, exclude={"data", "datacontenttype", "shared"})
    answer = caller.post("/events", json=event.data, headers={f"ce-{name}": v for name, v in attributes.items()})
    assert answer.json()["events"][0]["status"] == "duplicate"


def test_a_batch_is_refused_whole_with_every_problem(caller: httpx.Client, database: Database) -> None:
    """422 says what is wrong in which event, and nothing of the batch is stored."""
    bad, worse = unit(2, data={"name": 7}), unit(3, data={"colour": "red"})
    body = assert_problem(send(caller, unit(1), bad, worse), 422)
    assert [problem["where"] for problem in body["problems"]] == [
        "event 2 (event-2) data.name",
        "event 3 (event-3) data.colour",
    ]
    assert all(problem["message"] for problem in body["problems"])
    assert stored(database) == []


def test_a_bad_envelope_is_said_event_by_event(caller: httpx.Client) -> None:
    """Each finding names the event by its number in the batch."""
    nameless = unit(2).model_dump(mode="json", exclude={"id"}, exclude_none=True)
    body = assert_problem(send(caller, unit(1), nameless), 422)
    assert body["problems"] == [{"where": "event 2.id", "message": "Field required"}]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer something", "Basic abc", "Bearer samspil_unknown"])
def test_nothing_without_a_known_key(served: tuple[str, Gatherer], header: str) -> None:
    """No key, half a key and an unknown key are 401."""
    with httpx.Client(base_url=served[0], headers={"authorization": header}) as nobody:
        answer = send(nobody, unit(1))
    assert_problem(answer, 401)
    assert answer.headers["www-authenticate"] == "Bearer"


def test_a_withdrawn_key_is_unknown(caller: httpx.Client, database: Database) -> None:
    """The call after the withdrawal is refused."""
    assert send(caller, unit(1)).status_code == 202
    with database.worker.begin() as connection:
        connection.execute(text("UPDATE hub.principal SET ended = now() WHERE name = 'source'"))
    assert_problem(send(caller, unit(2)), 401)


@pytest.mark.guarantee
def test_a_neighbours_key_gets_nothing(served: tuple[str, Gatherer], database: Database) -> None:
    """A key for one authority cannot send for another, nor hide its event among allowed ones."""
    with _client(served[0], key_of(database, "neighbour", authority=NEIGHBOUR)) as neighbour:
        assert_problem(send(neighbour, unit(1)), 403)
        assert_problem(send(neighbour, unit(2, authority=NEIGHBOUR), unit(3)), 403)
    assert stored(database) == []


@pytest.mark.guarantee
def test_another_type_than_agreed_is_refused(served: tuple[str, Gatherer], database: Database) -> None:
    """An agreement covers the types it names."""
    with _client(served[0], key_of(database, "other", types=["invoice.*"])) as other:
        assert AUTHORITY in assert_problem(send(other, unit(1)), 403)["detail"]


@pytest.mark.guarantee
def test_an_ended_agreement_is_refused(served: tuple[str, Gatherer], database: Database) -> None:
    """What was ended no longer allows anything."""
    with _client(served[0], key_of(database, "ended", ended=True)) as ended:
        assert_problem(send(ended, unit(1)), 403)


@pytest.mark.guarantee
def test_nobody_writes_under_a_neighbours_name(
    caller: httpx.Client, served: tuple[str, Gatherer], database: Database
) -> None:
    """The first to send under a name owns it there, until it is handed over; elsewhere it is somebody else's."""
    assert send(caller, unit(1)).status_code == send(caller, unit(2)).status_code == 202
    with _client(served[0], key_of(database, "neighbour")) as neighbour:
        body = assert_problem(send(neighbour, unit(3)), 403)
        assert "urn:sample of 99000007 is source's" in body["detail"]
        with database.worker.begin() as connection:
            transfer(connection, AUTHORITY, "urn:sample", "neighbour", by="ole")
        assert send(neighbour, unit(3)).status_code == 202
        assert_problem(send(caller, unit(4)), 403)
    with _client(served[0], key_of(database, "elsewhere", authority=NEIGHBOUR)) as elsewhere:
        assert send(elsewhere, unit(5, authority=NEIGHBOUR)).status_code == 202
    assert [identity for identity, _ in stored(database)] == ["event-1", "event-2", "event-3", "event-5"]


@pytest.mark.guarantee
def test_without_owners_a_neighbour_writes_in_anothers_name(
    caller: httpx.Client, served: tuple[str, Gatherer], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switched off: what the neighbour says stands as the other's word."""
    monkeypatch.setattr(api, "strange", lambda *_: frozenset())
    send(caller, unit(1))
    with _client(served[0], key_of(database, "neighbour")) as neighbour:
        assert send(neighbour, unit(1, data={"name": "Falsk"}).model_copy(update={"id": "other"})).status_code == 202


def test_who_claims_at_the_same_moment_is_one(served: tuple[str, Gatherer], database: Database) -> None:
    """Of systems that send under a new name at once, one owns it and the others are refused."""
    keys = [key_of(database, f"kilde-{number}") for number in range(4)]

    def first(number: int) -> int:
        with _client(served[0], keys[number]) as client:
            return send(client, unit(number)).status_code

    with ThreadPoolExecutor(len(keys)) as pool:
        assert sorted(pool.map(first, range(len(keys)))) == [202, 403, 403, 403]


def test_people_take_no_names(served: tuple[str, Gatherer], caller: httpx.Client, database: Database) -> None:
    """They may share one that no system has, and use none that one has."""
    decided = CATALOGUE.latest("alert.acknowledged")
    event = CloudEvent(
        id="a", source="urn:portal", type=decided.name, subject=subject_of(1), authority=AUTHORITY,
        time=unit(1).time, data={"note": "set"},
    )  # fmt: skip
    for number, person in enumerate(("mette", "ole")):
        key = key_of(database, person, types=["alert.*"], kind="person")
        with _client(served[0], key) as client:
            assert send(client, event.model_copy(update={"id": f"a{number}"})).status_code == 202
            send(caller, unit(1))
            taken = event.model_copy(update={"source": "urn:sample"})
            assert "source's" in assert_problem(send(client, taken), 403)["detail"]


def test_only_a_registrar_shares(caller: httpx.Client) -> None:
    """A fact for all authorities needs more than an agreement."""
    assert_problem(send(caller, unit(1, shared=True)), 403)


@pytest.mark.guarantee
def test_what_is_shared_is_the_operators(served: tuple[str, Gatherer], database: Database) -> None:
    """A registrar shares in the operator's name alone, whatever else it may send."""
    key = key_of(database, "registrar", authority=NEIGHBOUR, registrar=AUTHORITY)
    with database.worker.begin() as connection:
        asked = request_agreement(connection, AUTHORITY, "registrar", "send", ["organisation.*"], by="supplier")
        approve_agreement(connection, asked, by="operator")
    with _client(served[0], key) as registrar:
        assert send(registrar, unit(1, shared=True)).status_code == 202
        assert send(registrar, unit(2, authority=NEIGHBOUR)).status_code == 202
        body = assert_problem(send(registrar, unit(3, authority=NEIGHBOUR, shared=True)), 403)
    assert body["detail"].startswith("registrar does not publish facts of 99000015 for all authorities")


@pytest.mark.guarantee
def test_without_the_operators_name_a_registrar_shares_as_anybody(
    served: tuple[str, Gatherer], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Switched off: what one authority says is read by all."""
    monkeypatch.setattr(Principal, "may_share", lambda principal, _: bool(principal.registrar))
    with _client(served[0], key_of(database, "registrar", authority=NEIGHBOUR, registrar=AUTHORITY)) as registrar:
        assert send(registrar, unit(3, authority=NEIGHBOUR, shared=True)).status_code == 202


def test_nobody_writes_the_hubs_own_events(served: tuple[str, Gatherer], database: Database) -> None:
    """Even an agreement on everything does not cover what the hub says of itself."""
    with _client(served[0], key_of(database, "all", types=["*"])) as source:
        event = unit(1).model_copy(update={"type": "dk.samspil.hub.consumer-stopped.v1"})
        assert_problem(send(source, event), 403)


def test_the_same_id_with_another_body_is_a_conflict(caller: httpx.Client, database: Database) -> None:
    """409, nothing of the request is stored, and the hub tells of the conflict."""
    send(caller, unit(1))
    body = assert_problem(send(caller, unit(2), unit(1, data={"name": "En anden"})), 409)
    assert "event-1" in body["detail"]
    with database.worker.connect() as connection:
        types = connection.execute(text("SELECT type FROM hub.event ORDER BY position")).scalars().all()
    assert types == [TYPE.name, "dk.samspil.hub.conflict.v1"]


def test_a_body_that_says_it_is_too_large_is_not_read(caller: httpx.Client) -> None:
    """413 comes from the stated length."""
    assert_problem(caller.post("/events", content=b" " * 10_000_001, headers={"content-type": CONTENT_TYPE}), 413)


def test_a_body_that_becomes_too_large_is_not_read_on(caller: httpx.Client) -> None:
    """413 also when no length was stated."""
    parts = (b" " * 1_000_000 for _ in range(11))
    assert_problem(caller.post("/events", content=parts, headers={"content-type": CONTENT_TYPE}), 413)


def test_a_batch_of_too_many_events_is_refused(caller: httpx.Client) -> None:
    """A transaction stays short."""
    body = orjson.dumps([{}] * (MAX_EVENTS + 1))
    answer = caller.post("/events", content=body, headers={"content-type": BATCH_CONTENT_TYPE})
    assert str(MAX_EVENTS) in assert_problem(answer, 413)["hint"]


def test_an_unknown_media_type_is_refused(caller: httpx.Client) -> None:
    """415 says what would be read."""
    answer = caller.post("/events", content=b"<a/>", headers={"content-type": "application/xml"})
    assert CONTENT_TYPE in assert_problem(answer, 415)["hint"]


@pytest.mark.parametrize("media_type", [CONTENT_TYPE, BATCH_CONTENT_TYPE, "application/json"])
def test_what_is_no_event_is_unreadable(caller: httpx.Client, media_type: str) -> None:
    """400 for broken JSON, and for data without the attributes of an event."""
    assert_problem(caller.post("/events", content=b'{"half', headers={"content-type": media_type}), 400)


def test_unknown_paths_and_methods_are_problems_too(caller: httpx.Client) -> None:
    """The framework's own answers have the same form."""
    assert_problem(caller.get("/nowhere"), 404)
    assert_problem(caller.get("/events"), 405)


@pytest.mark.guarantee
def test_errors_never_repeat_a_cpr_number(caller: httpx.Client) -> None:
    """Neither as a value, nor as the name of a field, nor in a key."""
    answers = [
        send(caller, unit(1, data={"name": 7, "parent": CPR, CPR: CPR, f"x{CPR}y": 1})),
        send(caller, unit(2).model_dump(mode="json", exclude_none=True) | {"subject": f"person:{CPR}", CPR: "x"}),
        caller.post("/events", content=f'{{"id": "{CPR}'.encode(), headers={"content-type": CONTENT_TYPE}),
        caller.post("/events", content=b"", headers={"content-type": f"text/{CPR}"}),
        caller.get(f"/{CPR}"),
    ]
    for answer in answers:
        assert answer.status_code >= 400
        assert CPR not in answer.text
        assert "0190-1234" not in answer.text


def test_a_database_that_is_away_means_later() -> None:
    """503 with Retry-After, for the key cannot be looked up."""
    away = Database.at("postgresql://nobody@127.0.0.1:1/none")
    with serving(away) as (url, _), _client(url, "samspil_key") as client:
        answer = send(client, unit(1))
    assert_problem(answer, 503)
    assert int(answer.headers["retry-after"]) > 0


def test_a_database_that_ends_the_session_means_later(caller: httpx.Client, database: Database) -> None:
    """503 when the database breaks off between the question and the commit; nothing is stored, sending again works."""
    waiting_sql = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    with database.driver("owner") as other, ThreadPoolExecutor(1) as pool:
        other.execute("SELECT pg_advisory_lock(%s)", (APPEND_LOCK,))
        answer = pool.submit(send, caller, unit(1))
        waiting = until(lambda: other.execute(waiting_sql).fetchone(), 10, "the store to wait for the lock")
        other.execute("SELECT pg_terminate_backend(%s)", waiting)
        other.execute("SELECT pg_advisory_unlock(%s)", (APPEND_LOCK,))
        assert_problem(answer.result(), 503)
    assert stored(database) == []
    assert send(caller, unit(1)).status_code == 202


def test_a_fault_of_the_hub_is_an_answer_too(caller: httpx.Client, database: Database) -> None:
    """500 names the call and tells nothing of the inside."""
    with database.owner.begin() as connection:
        connection.execute(text("ALTER TABLE hub.principal RENAME COLUMN registrar TO renamed"))
    assert "registrar" not in str(assert_problem(send(caller, unit(1)), 500))


def test_concurrent_calls_share_transactions(
    caller: httpx.Client, served: tuple[str, Gatherer], database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty callers at once are each stored once, in a handful of commits."""
    asked, submit = list[Request](), served[1].submit

    def counted(request: Request) -> Any:
        asked.append(request)
        return submit(request)

    monkeypatch.setattr(served[1], "submit", counted)
    with database.driver() as other, ThreadPoolExecutor(50) as pool:
        other.execute("SELECT pg_advisory_lock(%s)", (APPEND_LOCK,))
        answers = [pool.submit(send, caller, unit(number)) for number in range(50)]
        until(lambda: len(asked) == 50, 20, "the calls to wait behind the held lock")
        other.execute("SELECT pg_advisory_unlock(%s)", (APPEND_LOCK,))
        assert [answer.result().status_code for answer in answers] == [202] * 50
    with database.worker.connect() as connection:
        events, commits = connection.execute(text("SELECT count(*), count(DISTINCT xmin::text) FROM hub.event")).one()
    assert events == 50
    assert commits <= 12


def test_concurrent_senders_of_one_event_store_it_once(caller: httpx.Client, database: Database) -> None:
    """Twenty at once: one is accepted, the others are told it is there."""
    with ThreadPoolExecutor(20) as pool:
        answers = [
            answer.json()["events"][0]["status"] for answer in pool.map(lambda _: send(caller, unit(1)), range(20))
        ]
    assert sorted(answers) == ["accepted"] + ["duplicate"] * 19
    assert len(stored(database)) == 1
