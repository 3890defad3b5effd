"""Who gets in to the dashboard, what each may see, and what every answer carries."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from access.agreements import end_agreement
from access.principals import LOCAL_ID
from monitoring.web.app import dashboard
from monitoring.web.gate import COOKIE, OPEN
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.dashboard import NAME, Served, csrf_of, served
from tests.support.events import AUTHORITY, OTHER
from tests.support.serving import free_port

SOMETHING = "00000000-0000-4000-8000-000000000001"


@pytest.fixture(scope="module")
def place() -> Iterator[Served]:
    """A hub with an invoice of each of two authorities."""
    with served() as made:
        made.authority(OTHER, "Ravnstrup Kommune")
        made.invoice("EGE-1", AUTHORITY, "Egesøs Leverandør ApS")
        made.invoice("RAV-1", OTHER, "Ravnstrups Leverandør ApS")
        yield made


def every_route(place: Served) -> list[tuple[str, str]]:
    """Method and path of every endpoint, each parameter filled with something."""
    paths = dashboard(place.web).openapi()["paths"]
    assert len(paths) > 10
    filled = {"{authority}": AUTHORITY, "{position}": "1"}
    found = []
    for path, methods in paths.items():
        whole = "/".join(filled.get(part, SOMETHING) if part.startswith("{") else part for part in path.split("/"))
        found += [(method.upper(), f"/web{whole}") for method in methods]
    return found


def test_nothing_answers_without_a_session(place: Served) -> None:
    """Every endpoint but the login sends people to the login and refuses everybody else."""
    with place.client() as client:
        for method, path in every_route(place):
            if path in OPEN:
                continue
            answer = client.request(method, path)
            if method == "GET":
                assert (answer.status_code, answer.headers["location"]) == (303, "/web/login"), path
                assert client.get(path, headers={"accept": "*/*"}).status_code == 401, path
            else:
                assert answer.status_code == 401, path


def test_the_link_opens_one_session(place: Served) -> None:
    """It works once; the cookie it gives is out of reach of scripts and of other sites."""
    link = place.link()
    with place.client() as first, place.client() as second:
        entered = first.get(link)
        cookie = entered.headers["set-cookie"]
        assert cookie.startswith(f"{COOKIE}=")
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert "Path=/web" in cookie
        assert first.get("/web/", follow_redirects=True).status_code == 200
        assert second.get(link).status_code == 401
        assert second.get("/web/").headers["location"] == "/web/login"


def test_the_cookie_is_secure_over_https(place: Served) -> None:
    """Where the hub is asked over https, the cookie is sent over nothing else, and the browser remembers."""
    transport = httpx.ASGITransport(dashboard(place.web), root_path="/web")

    async def enter() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="https://hub.test") as client:
            return await client.get(place.link().removeprefix(place.url))

    answer = asyncio.run(enter())
    assert "Secure" in answer.headers["set-cookie"]
    assert answer.headers["strict-transport-security"]


def test_every_answer_is_guarded(place: Served) -> None:
    """Pages, errors and the login carry the policy that lets nothing in but our own files."""
    with place.entered() as client:
        for path in (f"/web/{AUTHORITY}/today", "/web/login", f"/web/{AUTHORITY}/nowhere"):
            headers = client.get(path).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "script-src 'self'" in policy
            assert "unsafe" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["x-frame-options"] == "DENY"
            assert headers["cache-control"] == "no-store"


def test_a_form_without_its_token_changes_nothing(place: Served) -> None:
    """Neither without a token, nor with another session's, nor from another site's page."""
    with place.entered() as client, place.entered() as another:
        page = client.get(f"/web/{AUTHORITY}/today")
        mine, foreign = csrf_of(page), csrf_of(another.get(f"/web/{AUTHORITY}/today"))
        for method, path in every_route(place):
            if method != "POST" or path == "/web/login":
                continue
            assert client.post(path).status_code == 403, path
            assert client.post(path, data={"csrf": foreign}).status_code == 403, path
            crossing = client.post(path, data={"csrf": mine}, headers={"sec-fetch-site": "cross-site"})
            assert crossing.status_code == 403, path
        assert client.get(f"/web/{AUTHORITY}/today").status_code == 200
        assert client.post("/web/logout", data={"csrf": mine}).headers["location"] == "/web/login"
        assert client.get(f"/web/{AUTHORITY}/today").headers["location"] == "/web/login"


@pytest.mark.guarantee
def test_a_person_sees_their_own_authorities_only(place: Served) -> None:
    """With a key of their own: the other authority's pages are refused, and its rows are on none of theirs."""
    key = place.person("Karen Lund", [AUTHORITY])
    with place.client() as client:
        entered = client.post("/web/login", data={"key": key}, follow_redirects=True)
        assert entered.url.path == f"/web/{AUTHORITY}/today"
        for method, path in every_route(place):
            if method == "GET" and AUTHORITY in path:
                refused = client.get(path.replace(AUTHORITY, OTHER))
                assert refused.status_code == 403, path
                assert "Ravnstrup" not in refused.text
                assert "RAV-1" not in client.get(path).text, path
        for page in ("today", "alerts", "invoices", "events", "operations"):
            shown = client.get(f"/web/{AUTHORITY}/{page}")
            assert shown.status_code == 200, page
            assert "Ravnstrup" not in shown.text, page
        assert "EGE-1" in client.get(f"/web/{AUTHORITY}/invoices").text


def test_an_agreement_that_ends_counts_at_once(place: Served) -> None:
    """The session stays, and shows nothing any more."""
    key = place.person("Poul Krog", [AUTHORITY])
    with place.client() as client:
        client.post("/web/login", data={"key": key})
        assert client.get(f"/web/{AUTHORITY}/today").status_code == 200
        with place.hub.database.worker.begin() as connection:
            agreement = connection.exec_driver_sql(
                "SELECT a.id FROM hub.agreement AS a JOIN hub.principal AS p ON p.id = a.principal"
                " WHERE p.name = 'Poul Krog'"
            ).scalar_one()
            end_agreement(connection, str(agreement), by="approver")
        assert client.get(f"/web/{AUTHORITY}/today").status_code == 403
        welcome = client.get("/web/", follow_redirects=True).text
        assert "Velkommen" in welcome
        assert "serviceaftale" in welcome


def test_what_is_said_of_people_asks_for_an_agreement_about_it(place: Served) -> None:
    """Cases, and what events of cases hold, are for those with an agreement about cases; the rest is not hidden."""
    position = place.case(SOMETHING)
    title, event = CATALOGUE.latest("case.case-stated").sample["title"], f"/web/{AUTHORITY}/events/{position}"
    keys = place.person("Lis Bang", [AUTHORITY]), place.person("Ib Holt", [AUTHORITY], ("case.*",))
    for key, allowed in zip(keys, (False, True), strict=True):
        with place.client() as client:
            client.post("/web/login", data={"key": key})
            assert client.get(f"/web/{AUTHORITY}/cases").status_code == (200 if allowed else 403)
            shown = client.get(event)
            assert shown.status_code == 200
            assert (title in shown.text) == allowed
            assert title not in client.get(f"/web/{AUTHORITY}/cases?state=all").text
            detail = client.get(f"/web/{AUTHORITY}/cases/{SOMETHING}")
            assert (title in detail.text) == allowed


def test_a_wrong_key_is_refused_in_words(place: Served) -> None:
    """Unknown keys and systems' keys open nothing."""
    with place.client() as client:
        refused = client.post("/web/login", data={"key": "samspil_wrong"})
        assert refused.status_code == 401
        assert "ukendt" in refused.text
        assert COOKIE not in refused.cookies


def test_a_database_that_is_away_is_a_page_in_words(place: Served) -> None:
    """People are told that it passes; nobody is logged out by it."""
    away = dashboard(replace(place.web, database=Database.at(f"postgresql://nobody@127.0.0.1:{free_port()}/none")))
    transport = httpx.ASGITransport(away, root_path="/web")
    cookies = {COOKIE: place.web.sessions.open(LOCAL_ID, NAME)}

    async def look() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="http://hub.test", cookies=cookies) as client:
            return await client.get(f"/web/{AUTHORITY}/today", headers={"accept-language": "da"})

    answer = asyncio.run(look())
    assert answer.status_code == 503
    assert "Databasen svarer ikke" in answer.text


def test_a_fault_is_a_page_in_words(place: Served) -> None:
    """What is not there, and what cannot be read, is told on a page with a way back, in the chosen language."""
    with place.entered() as client:
        for path in (f"/web/{AUTHORITY}/nowhere", f"/web/{AUTHORITY}/events/999999999"):
            lost = client.get(path)
            assert lost.status_code == 404
            assert "Siden findes ikke" in lost.text
        assert "There is no such page" in client.get(f"/web/{AUTHORITY}/nowhere?lang=en").text
        assert client.get(f"/web/{AUTHORITY}/alerts/{SOMETHING}").status_code == 422
        assert client.get(f"/web/{AUTHORITY}/alerts?page=zero").status_code == 422
