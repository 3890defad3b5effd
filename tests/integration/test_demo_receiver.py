"""The demo's receiver: it gets what was agreed on, verified; others get nothing and are not believed."""

from datetime import timedelta

import httpx

from access.principals import HUB, register_authority
from consumers.deliveries.overdue import longest, overdue
from examples.contracts import contract_facts
from examples.municipalities import EGESOE, MUNICIPALITIES
from examples.world import world_of
from hub.demo_receiving import subscribed_receiver
from kernel.clock import SystemClock
from storage.database import Database
from tests.support.delivering import a_hub
from tests.support.wait import until


def test_the_receiver_gets_everything_verified_and_the_former_subscriber_nothing(database: Database) -> None:
    """Each contract is delivered once and shown; under the ended agreement nothing is; a stranger's post is refused."""
    world = world_of(1, EGESOE)
    told = [fact.event for fact in contract_facts(EGESOE, world.deals, world.desk.maximums)]
    contracts = [event for event in told if ".contract-stated." in event.type]
    shown: list[str] = []
    with a_hub(database, SystemClock()) as hub:
        with database.worker.begin() as connection:
            for one in MUNICIPALITIES:
                register_authority(connection, one.cvr, one.name, "demo")
        with subscribed_receiver(hub) as deliveries:
            deliveries.receiver.shown = shown.append
            hub.acceptor.accept(told, HUB)
            deliveries.catch_up()
            until(lambda: len(shown) == len(contracts), 10, "what came to be shown")
            assert deliveries.delivered() == len(contracts)
            assert deliveries.uninvited() == 0
            assert all(line.startswith("egesoe got contract.contract-stated") for line in shown)
            headers = {"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,AAAA"}
            answer = httpx.post(deliveries.receiver.address(EGESOE.code), content=b"{}", headers=headers)
            assert answer.status_code == 401
            assert deliveries.uninvited() == 1


def test_what_waits_for_the_end_of_a_half_year_is_put_off(database: Database) -> None:
    """Before the first and after each: nobody is to be called because the demo does not deliver yet."""
    world = world_of(1, EGESOE)
    told = [fact.event for fact in contract_facts(EGESOE, world.deals, world.desk.maximums)]
    with a_hub(database, SystemClock()) as hub:
        with database.worker.begin() as connection:
            for one in MUNICIPALITIES:
                register_authority(connection, one.cvr, one.name, "demo")

        def overdue_in_an_hour() -> float:
            with database.worker.connect() as connection:
                return longest(overdue(connection, hub.clock.now() + timedelta(hours=1)))

        with subscribed_receiver(hub) as deliveries:
            hub.acceptor.accept(told[:-1], HUB)
            assert overdue_in_an_hour() == 0
            deliveries.catch_up()
            hub.acceptor.accept(told[-1:], HUB)
            assert overdue_in_an_hour() == 0
            deliveries.put_off(None)
            assert overdue_in_an_hour() > 0
