"""People decide about alerts on the command line, as events that are bound to what they saw."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from access.principals import HUB
from adapters.ubl.events import invoice_events
from consumers.alerts.consumer import ALERTS
from consumers.alerts.queries import one_alert, open_alerts
from consumers.invoice_control.consumer import INVOICE_CONTROL
from consumers.runtime.projections import use_active
from hub.deciding import acknowledge, close
from hub.opening import Hub, open_hub
from hub.running import Running, consuming_store
from hub.settings import Settings
from kernel.errors import Invalid
from kernel.ids import new_id
from tests.support.command import home_of_its_own
from tests.support.sample import AUTHORITIES

AUTHORITY = AUTHORITIES[0]


@pytest.fixture
def running() -> Iterator[Running]:
    """A hub with invoice control and alerts at work, on which a refused file has raised an alert."""
    with ExitStack() as stack:
        hub = stack.enter_context(open_hub(Settings(stack.enter_context(home_of_its_own()))))
        yield stack.enter_context(consuming_store(hub, [INVOICE_CONTROL, ALERTS]))


def refused_alert(running: Running) -> str:
    content = f"<Invoice {new_id()}".encode()
    events = invoice_events(
        content, authority=AUTHORITY, source="urn:test", received_at=running.hub.clock.now(), file_name="x.xml"
    )
    running.hub.acceptor.accept(events, HUB)
    running.wait(60)
    with running.hub.database.reading((AUTHORITY,)) as connection:
        use_active(connection, "alerts")
        return open_alerts(connection, AUTHORITY)[0].id


def status(hub: Hub, alert: str) -> str:
    with hub.database.reading((AUTHORITY,)) as connection:
        use_active(connection, "alerts")
        return one_alert(connection, AUTHORITY, alert).status


def test_an_alert_is_taken_on_and_closed(running: Running) -> None:
    """Acknowledged it stays among the open ones, closed it is resolved; both are events of the store."""
    alert = refused_alert(running)
    acknowledge(running.hub, AUTHORITY, alert, "leverandøren er spurgt")
    running.wait(60)
    assert status(running.hub, alert) == "acknowledged"
    close(running.hub, AUTHORITY, alert, "handled", "sendt igen")
    running.wait(60)
    assert status(running.hub, alert) == "resolved"


def test_an_unknown_alert_is_refused(running: Running) -> None:
    """With a word on where the ids are."""
    refused_alert(running)
    with pytest.raises(Invalid, match="samspil alerts"):
        close(running.hub, AUTHORITY, new_id(), "handled", "findes ikke")
