"""The dashboard as people meet it: a hub with every consumer at work, served on a port of its own."""

import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from access.agreements import approve_agreement, request_agreement
from access.principals import HUB, LOCAL_ID, add_principal, register_authority
from adapters.ubl.events import invoice_events
from consumers.runtime.consumer import Consumer
from hub.consumers import CONSUMERS
from hub.inbox import watching
from hub.opening import Hub, open_hub
from hub.running import Running, consuming_store
from hub.server import api, dashboard, listening
from hub.settings import Settings
from hub.workers import trouble_of
from kernel.ids import derived_id
from monitoring.web.frame import Web
from producers.store import append_one
from schemas.alerts import alert_id
from schemas.envelope import CloudEvent, Event
from schemas.registry import CATALOGUE
from tests.support.command import home_of_its_own
from tests.support.events import AUTHORITY, event
from tests.support.invoices import OIOUBL
from tests.support.serving import free_port

NAME = "Mette Holm"
SUPPLIER = "Leverandøren A/S"
CSRF = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass(frozen=True)
class Served:
    """A hub with its dashboard at `url`."""

    url: str
    hub: Hub
    running: Running
    web: Web

    def link(self) -> str:
        """A fresh one-time link of the person at this machine."""
        return f"{self.url}/web/login?token={self.web.sessions.invite(LOCAL_ID, NAME)}"

    def client(self) -> httpx.Client:
        """A browser without eyes: it keeps cookies and asks for pages; not logged in."""
        return httpx.Client(base_url=self.url, timeout=30, headers={"accept": "text/html", "accept-language": "da"})

    @contextmanager
    def entered(self) -> Iterator[httpx.Client]:
        """As `client`, logged in as the person at this machine."""
        with self.client() as client:
            assert client.get(self.link()).status_code == 200
            yield client

    def authority(self, cvr: str, name: str) -> None:
        with self.hub.database.worker.begin() as connection:
            register_authority(connection, cvr, name, "test")

    def take(self, events: Sequence[Event]) -> None:
        """Put them into the store at once, and wait until every consumer has them."""
        with self.hub.database.worker.begin() as connection:
            append_one(connection, events, catalogue=CATALOGUE, now=self.hub.clock.now())
        self.running.wait(300)

    def invoice(self, number: str, authority: str = AUTHORITY, supplier: str = SUPPLIER) -> str:
        """An invoice from somebody unknown comes and is judged; returns its subject."""
        events = invoice_events(
            invoice_file(number, supplier), authority=authority, source="urn:test",
            received_at=self.hub.clock.now(), file_name=f"{number}.xml",
        )  # fmt: skip
        self.hub.acceptor.accept(events, HUB)
        self.running.wait(60)
        return events[0].subject

    def case(self, subject: str) -> int:
        """The sample of a case comes; returns its position in the store."""
        return self.sample("case.case-stated", subject)

    def sample(self, family: str, subject: str, **other: Any) -> int:
        """The sample of an event type comes, with `other` instead of what it says; returns its position."""
        kind = CATALOGUE.latest(family)
        sent = CloudEvent(
            id=f"{family}:{subject}", source="urn:samples", type=kind.name, subject=subject, authority=AUTHORITY,
            time=self.hub.clock.now(), data={**kind.sample, **other},
        )  # fmt: skip
        (stored,) = self.hub.acceptor.accept([sent], HUB)
        self.running.wait(60)
        return stored.position or 0

    def person(self, name: str, authorities: Sequence[str], types: Sequence[str] = ("alert.*", "invoice.*")) -> str:
        """A person's key, with active agreements to write `types` for these authorities."""
        with self.hub.database.worker.begin() as connection:
            key = add_principal(connection, name, "person")
            for authority in authorities:
                asked = request_agreement(connection, authority, name, "send", types, by="asker")
                approve_agreement(connection, asked, by="approver")
        return key


@contextmanager
def served(inbox: Path | None = None, consumers: Sequence[Consumer] = CONSUMERS) -> Iterator[Served]:
    """An empty hub with one authority, consumers at work, and the dashboard; gone at the end of the block."""
    with ExitStack() as stack:
        settings = replace(Settings(stack.enter_context(home_of_its_own())), port=free_port())
        hub = stack.enter_context(open_hub(settings))
        running = stack.enter_context(consuming_store(hub, consumers))
        if inbox:
            stack.enter_context(watching(hub, inbox))
        web = replace(stack.enter_context(dashboard(hub)), consumers=tuple(consumers))
        app = api(hub, partial(trouble_of, running.parts), web)
        stack.enter_context(listening(app, settings.host, settings.port, web.signals.stop))
        made = Served(f"http://{settings.host}:{settings.port}", hub, running, web)
        made.authority(AUTHORITY, "Egesø Kommune")
        yield made


def invoice_file(number: str, supplier: str = SUPPLIER) -> bytes:
    """An e-invoice that is right in itself, from a supplier nobody knows."""
    return OIOUBL.replace("FA-00 0123", number).replace(SUPPLIER, supplier).encode()


def fill_many(place: Served, count: int) -> None:
    """So many invoices, and as many alerts, as rules tell of them."""
    place.take([*_invoices(count), *_alerts(count)])


def _invoices(count: int) -> Iterator[Event]:
    sample = CATALOGUE.latest("invoice.received").sample
    for number in range(count):
        data = sample | {"number": f"FA-{number}", "normal_number": f"FA{number}", "sha256": f"{number:064x}"}
        yield event("invoice.received", derived_id("many", number), position=number, data=data)


def _alerts(count: int) -> Iterator[Event]:
    sample = CATALOGUE.latest("alert.opened").sample
    for number in range(count):
        subject = derived_id("many", number)
        about = {"id": subject, "name": f"Faktura {number}"}
        alert = alert_id(AUTHORITY, sample["rule"], subject, sample["line_id"])
        yield event("alert.opened", alert, position=number, data=sample | {"subject": about})


def csrf_of(page: httpx.Response) -> str:
    """The token in a page's forms."""
    found = CSRF.search(page.text)
    assert found, page.text
    return found[1]
