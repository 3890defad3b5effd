"""The pages that say what went wrong, in a real browser: each in both languages and at both widths."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from fastapi import FastAPI

from hub.server import listening
from monitoring.web.app import install
from storage.database import Database
from tests.browser.conftest import EACH_WAY, FOR_AXE, Watched
from tests.support.dashboard import Served
from tests.support.database import fresh_name
from tests.support.events import AUTHORITY
from tests.support.looking import faults, inaccessible
from tests.support.serving import free_port

HOST = "127.0.0.1"
HOME = f"/web/{AUTHORITY}"


def unexpected(watched: Watched, status: int) -> list[str]:
    """What the browser complained of, apart from how the page itself was answered: a picture that is missing too."""
    its_own = watched.page.url.split("?")[0]
    return [each for each in watched.complaints if f"status of {status} " not in each or its_own not in each]


@pytest.mark.parametrize(("status", "path"), [(403, "/web/99000090/today"), (404, f"{HOME}/nowhere")])
def test_what_may_not_be_seen_and_what_is_not_there(
    status: int, path: str, place: Served, watch: Callable[[Served], Watched]
) -> None:
    """Another authority's page, and an address that leads nowhere."""
    watched = watch(place)
    assert watched.look(path, status=status) == []
    assert unexpected(watched, status) == []
    assert watched.outside == []


def test_somebody_was_first(place: Served, watch: Callable[[Served], Watched]) -> None:
    """A decision about an alert that the person saw as it no longer is."""
    place.invoice("FORST-1", supplier="Først Leverandør ApS")
    watched, wrong = watch(place), list[str]()
    page = watched.page
    for way in EACH_WAY:
        lang, width = way
        watched.open(f"{HOME}/alerts?about=FORST-1", lang=lang, width=width)
        page.locator(f"main a[href^='{HOME}/alerts/']").first.click()
        page.locator("input[name=position]").evaluate("each => { each.value = 0 }")
        page.locator("#action-reject").check()
        page.locator("#reason").fill("Ikke bestilt af os")
        with page.expect_response(lambda answer: answer.request.method == "POST") as answered:
            page.locator("form[data-follows] button").click()
        page.locator(".error-status").wait_for()
        found = [] if answered.value.status == 409 else [f"answered {answered.value.status}"]
        found += [*faults(page), *(inaccessible(page) if way in FOR_AXE else ())]
        wrong += [f"{lang} {width}: {each}" for each in found]
    assert wrong == []
    assert unexpected(watched, 409) == []
    assert watched.outside == []


@pytest.mark.parametrize("status", [500, 503])
def test_the_database_is_not_as_it_should_be(status: int, place: Served, watch: Callable[[Served], Watched]) -> None:
    """One without any tables is a fault of ours; one that does not answer is something that passes."""
    watched = watch(place)
    with _without(place) if status == 500 else _away() as database, _shown_over(place, database) as broken:
        watched.place = broken
        assert watched.look(f"{HOME}/today", status=status) == []
        assert unexpected(watched, status) == []
        assert [each for each in watched.outside if not each.startswith(broken.url)] == []


@contextmanager
def _away() -> Iterator[Database]:
    yield Database.at(f"postgresql://nobody@{HOST}:{free_port()}/none")


@contextmanager
def _without(place: Served) -> Iterator[Database]:
    with fresh_name(place.hub.database.url) as empty:
        yield empty


@contextmanager
def _shown_over(place: Served, database: Database) -> Iterator[Served]:
    """The same dashboard, with the same people logged in, over another database."""
    app, port = FastAPI(), free_port()
    install(app, replace(place.web, database=database))
    with listening(app, HOST, port, lambda: None):
        yield replace(place, url=f"http://{HOST}:{port}")
