"""Opening a hub: its database, migrated and watched over, its accept, and its consumers' declarations."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from consumers.workflows.desk import Desk
from kernel.clock import Clock, SystemClock
from producers.accept import Acceptor
from producers.gather import Gatherer
from schemas.catalogue import Catalogue
from schemas.pseudonyms import Pseudonyms
from schemas.registry import CATALOGUE
from storage.database import Database
from storage.embedded import EmbeddedPostgres
from storage.migrate import migrate, require_current
from storage.secret import kept_secret
from storage.watchdog import Watchdog

from .roles import RolesOfDeciders
from .settings import Settings


@dataclass(frozen=True)
class Hub:
    """What every process of the hub works with."""

    settings: Settings
    database: Database
    acceptor: Acceptor
    catalogue: Catalogue
    clock: Clock


@contextmanager
def open_hub(settings: Settings, clock: Clock | None = None) -> Iterator[Hub]:
    """Start or join the database, bring it up to date, and close everything afterwards.

    Raises Fatal when the database is not up to date and the settings do not name its owner.
    """
    clock = clock or SystemClock()
    with open_database(settings) as database:
        if database.is_owners:
            migrate(database)
        else:
            require_current(database)
        pseudonyms = Pseudonyms(settings.pseudonym_key or kept_secret(database, "pseudonyms"))
        gatherer = Gatherer(database, CATALOGUE, clock)
        watchdog = Watchdog(database)
        watchdog.start()
        try:
            acceptor = Acceptor(gatherer, CATALOGUE, clock, pseudonyms)
            acceptor.roles = RolesOfDeciders(Desk(acceptor, database, clock))
            yield Hub(settings, database, acceptor, CATALOGUE, clock)
        finally:
            gatherer.close()
            watchdog.stop()


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """The database that the settings name, as it is: a server, or the embedded one in the data directory."""
    postgres = None
    if settings.database_url:
        database = Database.at(
            settings.database_url, worker_password=settings.worker_password, web_password=settings.web_password
        )
    else:
        postgres = EmbeddedPostgres(settings.data_dir)
        database = postgres.start()
    try:
        yield database
    finally:
        database.dispose()
        if postgres:
            postgres.stop()
