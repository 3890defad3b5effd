"""What strangers, neighbours and hostile texts gain: nothing, on any route of the whole hub."""

import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from urllib.parse import quote

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import select

from access.agreements import approve_agreement, request_agreement
from access.principals import HUB, add_principal
from access.tables import PRINCIPAL
from consumers.deliveries.api import router as subscribers_router
from consumers.deliveries.guard import Guard
from consumers.deliveries.subscriptions import principal_named, subscribe
from hub.delivering import subscribing
from hub.server import api, listening
from kernel.clock import FixedClock
from monitoring.web import live
from monitoring.web.app import dashboard as web_app
from monitoring.web.gate import COOKIE, POLICY
from monitoring.web.pages import events as events_page
from monitoring.web.session import LINK_S, Sessions
from producers.tables import EVENT
from schemas.envelope import CloudEvent
from schemas.registry import CATALOGUE
from schemas.values import Sensitivity
from tests.support.dashboard import CSRF, Served, served
from tests.support.events import AUTHORITY, OTHER
from tests.support.serving import free_port

SOMETHING = "00000000-0000-4000-8000-000000000001"
USAGE = "00000000-0000-4000-8000-000000000002"
FOREIGN = "Ravnstrups Leverandør"
HOSTILE = "\"'></script><script>alert(1)</script><img src=x onerror=alert(1)>"
METRICS_KEY = b"a-key-of-metrics-nobody-else-knows"
FIELDS = ("action", "reason", "note", "consumer", "subject", "values", "answer")
"""Fields of the forms on the dashboard's pages."""
OPEN = {("GET", path) for path in ("/", "/health/live", "/health/ready")}
"""What answers without a key: whether the hub is well, and the way to the dashboard."""


@pytest.fixture(scope="module")
def place() -> Iterator[Served]:
    """A hub with an invoice of each of two authorities, and one whose supplier has a hostile name."""
    with served() as made:
        made.authority(OTHER, "Ravnstrup Kommune")
        made.invoice("EGE-1", AUTHORITY, escape(HOSTILE))
        made.invoice("RAV-1", OTHER, FOREIGN)
        usage = CATALOGUE.latest("system.usage-stated")
        named = CloudEvent(
            id="usage", source="urn:systems", type=usage.name, subject=USAGE, authority=AUTHORITY,
            time=made.hub.clock.now(), data=usage.sample | {"name": HOSTILE},
        )  # fmt: skip
        made.hub.acceptor.accept([named], HUB)
        made.running.wait(60)
        yield made


@pytest.fixture(scope="module")
def whole(place: Served) -> Iterator[tuple[FastAPI, str]]:
    """The application with every endpoint, as `serve` puts it together with a key for metrics, and its address."""
    with ExitStack() as stack:
        subscribers = stack.enter_context(subscribing(place.hub))
        settings = replace(place.hub.settings, metrics_key=METRICS_KEY)
        app = api(replace(place.hub, settings=settings), lambda: None, place.web)
        app.include_router(subscribers_router(subscribers))
        port = free_port()
        stack.enter_context(listening(app, "127.0.0.1", port))
        yield app, f"http://127.0.0.1:{port}"


def routes(app: FastAPI, **filled: str) -> list[tuple[str, str]]:
    """Method and path of every endpoint but the dashboard's, each parameter filled with what is given, else an id."""
    found = []
    for path, methods in app.openapi()["paths"].items():
        parts = [filled.get(part.strip("{}"), SOMETHING) if "{" in part else part for part in path.split("/")]
        found += [(method.upper(), "/".join(parts)) for method in methods]
    assert len(found) > 30
    return [*found, ("GET", "/")]


def key_with(place: Served, name: str, types: list[str], kept: Sensitivity = "sensitive", *, sends: bool = True) -> str:
    """A person's key with agreements of one authority to receive, and to send, the types."""
    with place.hub.database.worker.begin() as connection:
        key = add_principal(connection, name, "person")
        for direction in ("receive", "send") if sends else ("receive",):
            asked = request_agreement(
                connection, AUTHORITY, name, direction, types, by="asker", max_sensitivity=kept
            )  # fmt: skip
            approve_agreement(connection, asked, by="approver")
    return key


@contextmanager
def entered(place: Served, key: str) -> Iterator[httpx.Client]:
    """Logged in with a person's key."""
    with place.client() as client:
        assert client.post("/web/login", data={"key": key}).status_code == 303
        yield client


@pytest.mark.guarantee
def test_no_route_answers_without_a_key(whole: tuple[FastAPI, str]) -> None:
    """Also one added later: only health is open."""
    app, url = whole
    with httpx.Client(base_url=url) as client:
        for method, path in routes(app, authority=AUTHORITY):
            if (method, path) not in OPEN:
                assert client.request(method, path).status_code == 401, (method, path)
                wrong = {"authorization": "Bearer samspil_unknown"}
                assert client.request(method, path, headers=wrong).status_code == 401, (method, path)


def calls_with(app: FastAPI, value: str) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every call of an application with `value` in its path, in all its parameters, and in each of them alone."""
    for path, methods in app.openapi()["paths"].items():
        filled = re.sub(r"\{(\w+)\}", lambda name: AUTHORITY if name[1] == "authority" else quote(value), path)
        for method, operation in methods.items():
            names = [each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"]
            for chosen in ([], names, *([name] for name in names)):
                yield method.upper(), filled, dict.fromkeys(chosen, value)


@pytest.mark.parametrize("value", ["\0", "a\0b", "9" * 30, "2026-01-01\0", "\ufffe"])
def test_what_no_field_holds_is_refused_and_is_no_fault(place: Served, whole: tuple[FastAPI, str], value: str) -> None:
    """In the path and the parameters of the API and of every page."""
    app, url = whole
    key = key_with(place, f"Nulla {value.encode().hex()}", ["*"])
    with httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}) as client:
        for method, path, asked in calls_with(app, value):
            assert client.request(method, path, params=asked).status_code < 500, (method, path, asked)
    with entered(place, key) as client:
        today = f"/web/{AUTHORITY}/today"
        token = CSRF.findall(client.get(today).text)[0]
        for method, path, asked in calls_with(web_app(place.web), value):
            if path not in {"/changes", "/logout"}:
                form = {"csrf": token, **dict.fromkeys(FIELDS, value)} if method == "POST" else None
                answer = client.request(method, f"/web{path}", params=asked, data=form)
                assert answer.status_code < 500, (method, path, asked)
        assert client.get(today).status_code == 200, "it was logged in all the time"


@pytest.mark.guarantee
def test_no_route_answers_a_neighbour(place: Served, whole: tuple[FastAPI, str]) -> None:
    """With agreements about everything of one authority, nothing of another's is read or changed by any id."""
    app, url = whole
    key = key_with(place, "Grethe Nabo", ["*"])
    with place.hub.database.worker.begin() as connection:
        add_principal(connection, "fremmed", "system")
        asked = request_agreement(connection, OTHER, "fremmed", "receive", ["*"], by="one")
        approve_agreement(connection, asked, by="two")
        principal = str(connection.execute(select(PRINCIPAL.c.id).where(PRINCIPAL.c.name == "fremmed")).scalar_one())
        foreign = subscribe(
            connection, principal, OTHER, ["*"], "pull", by="one", now=place.hub.clock.now(), guard=Guard()
        )
    own = [("/subscriptions/", foreign.id), ("/agreements/", asked)]
    with httpx.Client(base_url=url, headers={"authorization": f"Bearer {key}"}) as client:
        asking = [each for each in routes(app, authority=OTHER) if OTHER in each[1]]
        for begins, id_ in own:
            asking += [each for each in routes(app, id_=id_) if each[1].startswith(begins)]
        for id_ in _ids(place):
            under = routes(app, authority=AUTHORITY, project=id_, task=id_, instance=id_)
            asking += [each for each in under if AUTHORITY in each[1] and id_ in each[1].split("/")]
        asking.append(("GET", "/metrics"))
        for method, path in asking:
            answer = client.request(method, path, json={} if method == "POST" else None)
            assert 400 <= answer.status_code < 500, (method, path, answer.text)
            assert "Ravnstrup" not in answer.text, path
        for path in ("/subscriptions", "/agreements"):
            assert OTHER not in client.get(path).text


@pytest.mark.guarantee
def test_a_neighbours_ids_show_nothing_on_a_page(place: Served) -> None:
    """Under one's own authority's address, what another's ids name is not there."""
    with entered(place, key_with(place, "Jens Nabo", ["*"])) as client:
        for id_ in _ids(place):
            for page in ("events", "alerts", "invoices", "system", "contracts", "portfolio", "workflows", "cases"):
                shown = client.get(f"/web/{AUTHORITY}/{page}/{id_}")
                assert shown.status_code in (404, 422), (page, id_)
                assert FOREIGN not in shown.text
            assert FOREIGN not in client.get(f"/web/{AUTHORITY}/events", params={"about": id_}).text


def _ids(place: Served) -> list[str]:
    """The positions and subjects of everything the other authority has of its own."""
    with place.hub.database.worker.connect() as connection:
        rows = connection.execute(select(EVENT.c.position, EVENT.c.subject).where(EVENT.c.authority == OTHER)).all()
    assert any(row.subject.count("-") == 4 for row in rows)
    return sorted({text for row in rows for text in (str(row.position), row.subject) if text != OTHER})


def test_a_name_is_text_wherever_it_stands(place: Served) -> None:
    """On pages, in what scripts read from them, and on error pages, markup in data and addresses is no markup."""
    with place.entered() as client:
        shown = client.get(f"/web/{AUTHORITY}/invoices").text
        invoice = re.findall(rf"/web/{AUTHORITY}/invoices/([0-9a-f-]{{36}})", shown)[0]
        pages = ["today", "alerts", "invoices", f"invoices/{invoice}", "events", "landscape", f"system/{USAGE}"]
        found = 0
        for page in pages:
            text = client.get(f"/web/{AUTHORITY}/{page}").text
            found += "alert(1)" in text
            assert "<script>alert" not in text, page
            assert "<img src=x" not in text, page
        assert found >= 5, "the name stands on the pages"
        for path in ("today", "landscape", "alerts", "nowhere", "events", "contracts", "cases", "alerts/x"):
            for name in ("q", "about", "rule", "centre", "valid_at", "page", "number", "lang"):
                text = client.get(f"/web/{AUTHORITY}/{path}", params={name: HOSTILE}).text
                assert "<script>alert" not in text, (path, name)
        assert "<script>alert" not in client.get(f"/web/{HOSTILE}/today").text


def test_a_webhooks_address_tells_its_host_only(place: Served) -> None:
    """Path and query can be what the receiver knows its senders by; they are on no page."""
    key_with(place, "Modtager", ["*"])
    with place.hub.database.worker.begin() as connection:
        subscribe(
            connection, principal_named(connection, "Modtager"), AUTHORITY, ["alert.*"], "webhook",
            "https://hook.example.dk/in/hemmelig?token=geheim", by="one", now=place.hub.clock.now(), guard=Guard(),
        )  # fmt: skip
    with place.entered() as client:
        shown = client.get(f"/web/{AUTHORITY}/operations").text
        assert "https://hook.example.dk" in shown
        assert "hemmelig" not in shown
        assert "geheim" not in shown


def test_the_last_day_there_is_can_be_asked_for(place: Served) -> None:
    """Whatever day stands in an address, there is an answer."""
    with place.entered() as client:
        for page in ("landscape", "contracts", "portfolio"):
            for day in ("9999-12-31", "0001-01-01"):
                asked = {"known_at": day, "valid_at": day}
                assert client.get(f"/web/{AUTHORITY}/{page}", params=asked).status_code == 200, (page, day)


def test_a_fault_has_the_policy_too(place: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page that tells of a fault of our own lets in as little as every other."""

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("secret of the hub")

    monkeypatch.setattr(events_page, "newest", fails)
    with place.entered() as client:
        answer = client.get(f"/web/{AUTHORITY}/events")
        assert answer.status_code == 500
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-frame-options"] == "DENY"
        assert "secret of the hub" not in answer.text


def test_a_body_without_end_is_not_read(place: Served, whole: tuple[FastAPI, str]) -> None:
    """413, before anybody is asked for a key: on the login, and on every endpoint that reads JSON."""

    def endless(of: bytes) -> Iterator[bytes]:
        for _ in range(20):
            yield of * 1_000_000

    form = {"content-type": "application/x-www-form-urlencoded"}
    with place.client() as client:
        assert client.post("/web/login", content=endless(b"&"), headers=form).status_code == 413
        assert client.post("/web/login", content=endless(b"k"), headers=form).status_code in (400, 413)
    with httpx.Client(base_url=whole[1], headers={"content-type": "application/json"}) as client:
        for path in ("/subscriptions", f"/portfolio/{AUTHORITY}/projects", f"/workflows/{AUTHORITY}/instances"):
            assert client.post(path, content=endless(b" ")).status_code == 413, path


def test_a_link_is_good_for_half_a_day() -> None:
    """Then it opens nothing, whoever finds it in a log."""
    clock = FixedClock(datetime(2026, 3, 2, tzinfo=UTC))
    sessions = Sessions(clock)
    early, late = sessions.invite("p", "n"), sessions.invite("p", "n")
    clock.move(timedelta(seconds=LINK_S))
    assert sessions.redeem(early)
    clock.move(timedelta(seconds=1))
    assert sessions.redeem(late) is None


def test_a_person_has_so_many_open_pages(place: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """More streams than that are refused; another person's pages go on."""
    monkeypatch.setattr(live, "MOST_STREAMS", 2)
    with place.entered() as client, place.entered() as another, ExitStack() as stack:
        told = [stack.enter_context(client.stream("GET", "/web/changes")).iter_text() for _ in range(2)]
        assert all(next(each) for each in told)
        assert client.get("/web/changes").status_code == 503
        assert stack.enter_context(another.stream("GET", "/web/changes")).status_code == 200


def test_a_login_gives_a_session_of_its_own(place: Served) -> None:
    """Whatever cookie the browser brought, the session after a login is another, and the cookie it brought is none."""
    with place.client() as client:
        client.cookies.set(COOKIE, "chosen-by-somebody", path="/web")
        answer = client.get(place.link())
        given = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
        assert given != "chosen-by-somebody"
    with place.client() as client:
        client.cookies.set(COOKIE, "chosen-by-somebody", path="/web")
        assert client.get("/web/").headers["location"] == "/web/login"


@pytest.mark.parametrize(("kept", "status"), [("internal", 403), ("personal", 403), ("sensitive", 200)])
def test_an_agreement_to_receive_shows_no_more_than_it_covers(place: Served, kept: Sensitivity, status: int) -> None:
    """Cases are sensitive: an agreement about them up to less shows none, on the pages as in deliveries."""
    key = key_with(place, f"Læser {kept}", ["case.*"], kept, sends=False)
    with entered(place, key) as client:
        assert client.get(f"/web/{AUTHORITY}/cases").status_code == status
