"""Subscribers who call the hub, over HTTP: agreements, batches to pull, the stream; and what none of it does again."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select, text

from access.agreements import approve_agreement, request_agreement
from access.principals import add_principal
from adapters.http.api import install_problem_handlers
from consumers.deliveries import api as deliveries_api
from consumers.deliveries import queries
from consumers.deliveries.api import router
from consumers.deliveries.tables import SUBSCRIPTION
from consumers.landscape.consumer import LANDSCAPE
from consumers.runtime.projections import ensure_active
from consumers.runtime.rebuild import Rebuild
from hub.delivering import subscribing
from hub.opening import Hub
from kernel.clock import SystemClock
from producers.redact import redact
from schemas.hub import Actor
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.delivering import (
    AUTHORITY,
    a_hub,
    delivering_hub,
    ended,
    happened,
    log_of,
    numbers_of,
    read,
    subject_of,
    subscribed,
    subscriber,
)
from tests.support.receiver import receiving
from tests.support.serving import listen, run_server
from tests.support.wait import until

DECIDES = "hub.agreement-changed"
UNITS = {"authority": AUTHORITY, "types": ["organisation.*"]}


@contextmanager
def serving(hub: Hub) -> Iterator[str]:
    """The endpoints of subscribers, really served."""
    with subscribing(hub) as subscribers, listen() as listening:
        app = FastAPI()
        install_problem_handlers(app)
        app.include_router(router(subscribers))
        server = run_server(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            until(lambda: server.started, 10, "the server to start")
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            subscribers.waking.stop()
            server.should_exit = True
            thread.join()


@dataclass(frozen=True)
class Caller:
    """Somebody with a key."""

    headers: dict[str, str]

    def get(self, url: str, **options: Any) -> httpx.Response:
        return httpx.get(url, headers=self.headers, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        return httpx.post(url, headers=self.headers, **options)

    def delete(self, url: str) -> httpx.Response:
        return httpx.delete(url, headers=self.headers)

    @contextmanager
    def stream(self, url: str, last: str | None = None) -> Iterator[Iterator[str]]:
        """The lines of a stream, after the event with the id `last`."""
        after = {} if last is None else {"last-event-id": last}
        with httpx.stream("GET", url, headers=self.headers | after, timeout=20) as response:
            yield response.iter_lines()


def key_of(hub: Hub, name: str, *, person: bool = False, decides: bool = False, receives: bool = False) -> Caller:
    """A caller with a key of its own, as a person of the authority or with an agreement to receive, or neither."""
    with hub.database.worker.begin() as connection:
        key = add_principal(connection, name, "person" if person else "system")
        for direction, types, wanted in (("send", [DECIDES], decides), ("receive", ["organisation.*"], receives)):
            if wanted:
                made = request_agreement(connection, AUTHORITY, name, direction, types, by="one")  # type: ignore[arg-type]
                approve_agreement(connection, made, by="another")
    return Caller({"authorization": f"Bearer {key}"})


def told(hub: Hub) -> list[str]:
    """The facts about agreements, by status."""
    query = text(f"SELECT payload FROM hub.event WHERE type = 'dk.samspil.{DECIDES}.v1' ORDER BY position")
    with hub.database.worker.connect() as connection:
        return [read(row.encode())["status"] for row in connection.execute(query).scalars()]


def test_an_agreement_is_asked_for_by_one_and_approved_by_a_person_of_the_authority(database: Database) -> None:
    """Each step is an event; nobody else approves, and its end stops what it allowed."""
    with a_hub(database, SystemClock()) as hub, serving(hub) as url:
        system, person = key_of(hub, "bi"), key_of(hub, "mette", person=True, decides=True)
        stranger = key_of(hub, "stranger", person=True)
        asked = system.post(f"{url}/agreements", json=UNITS | {"purpose": "Ledelsesinformation"})
        assert asked.status_code == 201
        id_ = asked.json()["id"]
        subscribe = {**UNITS, "way": "pull"}
        assert system.post(f"{url}/subscriptions", json=subscribe).status_code == 403
        for somebody in (system, stranger):
            assert somebody.post(f"{url}/agreements/{id_}/approve").status_code == 403
        assert person.get(f"{url}/agreements").json()["agreements"][0]["purpose"] == "Ledelsesinformation"
        assert person.post(f"{url}/agreements/{id_}/approve").json()["status"] == "active"
        assert system.post(f"{url}/subscriptions", json=subscribe).status_code == 201
        assert person.post(f"{url}/agreements/{id_}/end").json()["status"] == "ended"
        assert system.post(f"{url}/subscriptions", json=subscribe).status_code == 403
        assert told(hub) == ["requested", "active", "ended"]


def test_a_batch_is_pulled_under_a_lease_and_acknowledged(database: Database) -> None:
    """What is not acknowledged comes again; what is, does not; nobody takes a batch that is handed out."""
    with a_hub(database, SystemClock()) as hub, serving(hub) as url:
        caller = key_of(hub, "bi", receives=True)
        made = caller.post(f"{url}/subscriptions", json={**UNITS, "way": "pull"}).json()
        at = f"{url}/subscriptions/{made['id']}"
        happened(hub, range(5))
        first = caller.get(f"{at}/events", params={"limit": 3}).json()
        assert numbers_of(first["events"]) == [0, 1, 2]
        assert caller.get(f"{at}/events").status_code == 409
        again = caller.get(f"{at}/events", params={"limit": 3, "lease": first["lease"]}).json()
        assert again["events"] == first["events"]
        stale = caller.post(f"{at}/ack", json={"lease": first["lease"], "position": first["position"]})
        assert stale.status_code == 409
        second = int(again["events"][1]["position"])
        assert caller.post(f"{at}/ack", json={"lease": again["lease"], "position": second}).status_code == 204
        rest = caller.get(f"{at}/events").json()
        assert numbers_of(rest["events"]) == [2, 3, 4]
        beyond = caller.post(f"{at}/ack", json={"lease": rest["lease"], "position": 10_000})
        assert beyond.status_code == 422


def test_a_subscription_is_its_principals_own(database: Database) -> None:
    """Somebody else's key neither reads nor changes it; a key that is none gets nothing."""
    with a_hub(database, SystemClock()) as hub, serving(hub) as url:
        mine, other = key_of(hub, "bi", receives=True), key_of(hub, "other", receives=True)
        made = mine.post(f"{url}/subscriptions", json={**UNITS, "way": "webhook", "address": "http://127.0.0.1:9/"})
        assert made.json()["secret"].startswith("whsec_")
        at = f"{url}/subscriptions/{made.json()['id']}"
        for call in (other.get(f"{at}/log"), other.post(f"{at}/pause"), other.delete(at), other.post(f"{at}/rotate")):
            assert call.status_code == 403
        assert other.get(f"{url}/subscriptions").json() == {"subscriptions": []}
        assert httpx.get(f"{url}/subscriptions").status_code == 401
        assert mine.post(f"{at}/pause").status_code == 204
        assert mine.get(f"{url}/subscriptions").json()["subscriptions"][0]["status"] == "paused"
        assert mine.post(f"{at}/resume").status_code == 204
        inside = {**UNITS, "way": "webhook", "address": "https://169.254.169.254/"}
        assert mine.post(f"{url}/subscriptions", json=inside).status_code == 422


def frames(lines: Iterator[str], count: int) -> list[dict[str, str]]:
    """So many events of a stream."""
    found: list[dict[str, str]] = []
    frame: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if not line and "data" in frame:
            found.append(frame)
            frame = {}
        elif name:
            frame[name] = value
        if len(found) == count:
            break
    return found


def test_a_stream_goes_on_after_the_last_event_that_came(database: Database) -> None:
    """With `Last-Event-ID`; what happens while it is open comes at once, and it ends with the agreement."""
    with a_hub(database, SystemClock()) as hub, serving(hub) as url:
        caller = key_of(hub, "bi", receives=True)
        made = caller.post(f"{url}/subscriptions", json={**UNITS, "way": "sse"}).json()
        at = f"{url}/subscriptions/{made['id']}/stream"
        happened(hub, range(4))
        with caller.stream(at) as lines:
            first = frames(lines, 2)
        with caller.stream(at, first[-1]["id"]) as lines:
            rest = frames(lines, 2)
        assert numbers_of([read(each["data"].encode()) for each in (*first, *rest)]) == [0, 1, 2, 3]
        with caller.stream(at, rest[-1]["id"]) as lines:
            assert next(lines) == ": alive"
            happened(hub, [4])
            (live,) = frames(lines, 1)
            assert read(live["data"].encode())["id"] == "event-4"
            assert live["event"] == "dk.samspil.organisation.unit-stated.v1"
            with database.worker.connect() as connection:
                owner = connection.execute(select(SUBSCRIPTION.c.principal)).scalar_one()
            ended(hub, owner)
            happened(hub, [5])
            assert [line for line in lines if line.startswith("data")] == []
        assert caller.get(at).status_code == 403


def test_a_subscriber_has_so_many_streams(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is refused; when one has ended another may begin, and others are not counted."""
    monkeypatch.setattr(deliveries_api, "MOST_STREAMS", 1)
    with a_hub(database, SystemClock()) as hub, serving(hub) as url:
        streams = []
        for name in ("bi", "arkiv"):
            caller = key_of(hub, name, receives=True)
            made = caller.post(f"{url}/subscriptions", json={**UNITS, "way": "sse"}).json()
            streams.append((caller, f"{url}/subscriptions/{made['id']}/stream"))
        (caller, at), (another, elsewhere) = streams
        with caller.stream(at) as lines, another.stream(elsewhere) as others:
            assert next(lines) == next(others) == ": alive"
            assert caller.get(at).status_code == 409
        happened(hub, [1])

        def begins_again() -> bool:
            with httpx.stream("GET", at, headers=caller.headers) as response:
                return response.status_code == 200

        until(begins_again, 20, "the place of the stream that ended")
        far = caller.post(f"{url}/subscriptions", json={**UNITS, "way": "pull", "after": 10**30})
        assert far.status_code == 422


def test_a_rebuild_sends_nothing(database: Database) -> None:
    """Neither does a redelivery of the log: deliveries are no projection."""
    with a_hub(database, SystemClock()) as hub, receiving() as receiver, delivering_hub(hub):
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        happened(hub, range(6))
        until(lambda: len(log_of(hub, one)) == 6, 20, "six deliveries")
        ensure_active(database, LANDSCAPE)
        before = log_of(hub, one)
        Rebuild(database, LANDSCAPE, CATALOGUE).run()
        happened(hub, [6])
        until(lambda: len(log_of(hub, one)) == 7, 20, "the seventh")
        assert len(receiver.log) == 7
        assert log_of(hub, one)[:6] == before


def test_a_removal_is_told_to_those_who_had_the_subject(database: Database) -> None:
    """Though the agreement names no `hub.redacted`; and what was emptied is delivered to nobody."""
    with a_hub(database, SystemClock()) as hub, receiving() as had, receiving() as had_not:
        subscribed(hub, subscriber(hub, "had"), had.url)
        subscribed(hub, subscriber(hub, "had-not", ["contract.*"]), had_not.url, ["contract.*"])
        happened(hub, range(4), subjects=2)
        by = Actor(id="mette", name="Mette")
        with database.worker.begin() as connection:
            redact(
                connection, AUTHORITY, subject_of(1), reason="slettet", by=by, key=b"k",
                catalogue=CATALOGUE, now=hub.clock.now(),
            )  # fmt: skip
        with delivering_hub(hub):
            until(lambda: len(had.accepted) == 3, 20, "what is left, and the removal")
        types = [(each.event["type"].split(".")[3], each.event["subject"]) for each in had.log]
        assert sorted(types) == [
            ("redacted", subject_of(1)),
            ("unit-stated", subject_of(0)),
            ("unit-stated", subject_of(0)),
        ]
        assert had_not.log == []


def test_the_web_sees_the_deliveries_of_its_authorities(database: Database) -> None:
    """By row-level security; and how all of them stand in one look."""
    with a_hub(database, SystemClock()) as hub, receiving() as receiver, delivering_hub(hub):
        one = subscribed(hub, subscriber(hub, "bi"), receiver.url)
        happened(hub, range(3))
        until(lambda: len(log_of(hub, one)) == 3, 20, "three deliveries")
        with database.reading((AUTHORITY,)) as connection:
            (row,) = queries.subscriptions(connection)
            assert (row.subscriber, row.status, row.agreed) == ("bi", "active", True)
            assert len(queries.log(connection)) == 3
            assert queries.counts(connection)[:3] == (3, 0, 1)
        with database.reading(("99000015",)) as connection:
            assert queries.subscriptions(connection) == queries.log(connection) == ()


def test_an_agreement_covers_no_more_than_it_says(database: Database) -> None:
    """What is subscribed to stands within it; and by mail there are alerts only."""
    with a_hub(database, SystemClock()) as hub, serving(hub) as url:
        caller = key_of(hub, "bi", receives=True)
        wide = {**UNITS, "types": ["*"], "way": "pull"}
        assert caller.post(f"{url}/subscriptions", json=wide).status_code == 403
        mailed: dict[str, Any] = {**UNITS, "way": "email", "address": "a@example.dk"}
        refused = caller.post(f"{url}/subscriptions", json=mailed)
        assert refused.status_code == 422
        assert "alert" in refused.text
