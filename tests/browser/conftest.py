"""A real Chromium before the real dashboard; what goes wrong in it without anybody seeing is collected."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Response, sync_playwright

from monitoring.web.language import CODES
from tests.support.dashboard import Served, served
from tests.support.looking import faults, inaccessible
from tests.support.needs import missing

CHROMIUM = Path("/usr/bin/chromium")
DESK, PHONE = 1440, 390
"""Widths in pixels."""
EACH_WAY = tuple(product(CODES, (DESK, PHONE)))
"""Both languages at both widths."""
FOR_AXE = frozenset({("da", DESK), ("en", PHONE)})
"""Axe takes the longest, and looks at each page once in each language and at each width."""
DRAWN_BY_SOFTWARE = "GL Driver Message"
"""What Chromium says of pictures on a machine without a graphics card."""
FRAME_ASSETS = ("app.css", "app.js", "dkfds.css", "dkfds.js", "htmx.js")


@dataclass
class Watched:
    """A page of a browser that is logged in, with what it complained of and what it asked other machines for."""

    page: Page
    place: Served
    complaints: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def open(self, path: str, *, width: int = DESK, lang: str = "da") -> Response:
        """Go to a page, in a language and a width."""
        self.page.set_viewport_size({"width": width, "height": 900})
        joined = "&" if "?" in path else "?"
        answer = self.page.goto(f"{self.place.url}{path}{joined}lang={lang}", wait_until="load")
        assert answer is not None
        return answer

    def look(self, path: str, *, status: int = 200) -> list[str]:
        """What is wrong with a page in each language at each width, and with how it was answered."""
        wrong = []
        for lang, width in EACH_WAY:
            answer = self.open(path, width=width, lang=lang)
            found = [] if answer.status == status else [f"answered {answer.status}"]
            found += [*faults(self.page), *(inaccessible(self.page) if (lang, width) in FOR_AXE else ())]
            wrong += [f"{path} {lang} {width}: {each}" for each in found]
        return wrong


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for the tests of a file: while it is open, nothing else in this thread may have an event loop."""
    if not CHROMIUM.exists():
        missing(f"no browser: {CHROMIUM} is not there")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("inbox")


@pytest.fixture(scope="module")
def place(chromium: Browser, inbox: Path) -> Iterator[Served]:
    """A hub for the tests of a file, that takes in what is put into `inbox`."""
    with served(inbox) as made:
        yield made


@pytest.fixture
def watch(chromium: Browser) -> Iterator[Callable[[Served], Watched]]:
    """Opens a logged-in page of a dashboard; at the end it is closed, and must not have complained."""
    with ExitStack() as stack:

        def opened(place: Served) -> Watched:
            context = chromium.new_context(locale="da-DK")
            stack.callback(context.close)
            watched = Watched(context.new_page(), place)
            _listen(watched)
            watched.page.goto(place.link())
            watched.page.wait_for_url("**/web/**/today", wait_until="load")
            return watched

        yield opened


@pytest.fixture
def watched(watch: Callable[[Served], Watched], place: Served) -> Iterator[Watched]:
    """A logged-in page of this file's hub; it complains of nothing and asks no other machine for anything."""
    page = watch(place)
    yield page
    assert page.complaints == []
    assert page.outside == []


def _listen(watched: Watched) -> None:
    ours = urlsplit(watched.place.url).netloc
    page = watched.page
    page.on("pageerror", lambda error: watched.complaints.append(str(error)))
    page.on(
        "console",
        lambda said: (
            watched.complaints.append(f"{said.text} {said.location['url']}".strip())
            if said.type in ("error", "warning") and DRAWN_BY_SOFTWARE not in said.text
            else None
        ),
    )
    page.on(
        "request",
        lambda asked: (
            watched.outside.append(asked.url)
            if urlsplit(asked.url).scheme in ("http", "https") and urlsplit(asked.url).netloc != ours
            else None
        ),
    )
