"""Pages that follow what happens, and what a person does on them, in a real browser."""

import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from tests.browser.conftest import Watched
from tests.support.dashboard import Served, invoice_file
from tests.support.events import AUTHORITY
from tests.support.wait import until

HOME = f"/web/{AUTHORITY}"
WITHIN_S = 2.0


@pytest.mark.alone
def test_an_invoice_in_the_inbox_is_an_alert_on_the_open_page(place: Served, inbox: Path, watched: Watched) -> None:
    """Within two seconds, without anybody touching the page."""
    watched.open(f"{HOME}/today")
    headline = watched.page.locator(".alert-headline", has_text="Leverandøren er ukendt")
    assert headline.count() == 0
    folder = inbox / AUTHORITY
    folder.mkdir(parents=True, exist_ok=True)
    watched.page.wait_for_timeout(300)  # the stream is open
    dropped = time.monotonic()
    (folder / "faktura.xml").write_bytes(invoice_file("INDBAKKE-1"))
    headline.first.wait_for(timeout=10_000)
    assert time.monotonic() - dropped < WITHIN_S


def test_an_alert_is_rejected(place: Served, watched: Watched) -> None:
    """The person chooses, writes why, saves, and sees it done; the events are in the store."""
    subject = place.invoice("AFVIS-1", supplier="Afvist Leverandør ApS")
    watched.open(f"{HOME}/alerts?about=AFVIS-1")
    watched.page.get_by_role("link", name="Leverandøren er ukendt").click()
    watched.page.get_by_label("Afvis fakturaen").check()
    assert not watched.page.get_by_label("Til og med").is_visible()
    watched.page.get_by_role("button", name="Gem afgørelsen").click()  # a reason is missing
    watched.page.get_by_label("Begrundelse").fill("Ikke bestilt af os")
    watched.page.get_by_role("button", name="Gem afgørelsen").click()
    watched.page.get_by_text("Fakturaen er afvist", exact=True).wait_for()
    assert watched.page.locator(".standing-resolved").first.is_visible()
    with place.hub.database.worker.connect() as connection:
        told = connection.execute(
            text("SELECT payload FROM hub.event WHERE subject = :subject AND type LIKE '%.rejected.%'"),
            {"subject": subject},
        ).scalar_one()
    assert "Ikke bestilt af os" in told


def test_what_is_written_in_a_form_survives_what_happens(place: Served, watched: Watched) -> None:
    """The page follows while somebody writes; their words stay."""
    place.invoice("SKRIV-1", supplier="Skrivende Leverandør ApS")
    watched.open(f"{HOME}/alerts?about=SKRIV-1")
    watched.page.get_by_role("link", name="Leverandøren er ukendt").click()
    watched.page.get_by_label("Gør stille").check()
    assert watched.page.get_by_label("Til og med").is_visible()
    watched.page.get_by_label("Begrundelse").fill("Jeg er midt i en sætning")
    with watched.page.expect_response(lambda answer: "/alerts/" in answer.url):
        place.invoice("SKRIV-2", supplier="Anden Leverandør ApS")
    assert watched.page.get_by_label("Begrundelse").input_value() == "Jeg er midt i en sætning"
    assert watched.page.get_by_label("Gør stille").is_checked()
    day = (place.hub.clock.now() + timedelta(days=7)).date()
    watched.page.get_by_label("Til og med").fill(day.isoformat())
    watched.page.get_by_role("button", name="Gem afgørelsen").click()
    watched.page.get_by_text("Alarmen er gjort stille", exact=True).wait_for()


def test_the_log_grows_on_the_open_page(place: Served, watched: Watched) -> None:
    """The newest event comes first, by itself."""
    watched.open(f"{HOME}/events")
    first = watched.page.locator("tbody tr").first
    before = first.get_attribute("id")
    place.invoice("LOG-1", supplier="Logget Leverandør ApS")
    until(lambda: first.get_attribute("id") != before, 5, "a new event on the page")
