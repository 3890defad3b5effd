"""Repair from the command line: who does it, and with what."""

import getpass
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from access.agreements import LOCAL
from access.principals import audit
from consumers.runtime.apply import Applier
from kernel.ids import derived_id
from producers.redact import redact
from schemas.hub import Actor

from .consumers import consumers_named
from .opening import open_hub
from .settings import Settings


@contextmanager
def applier_of(settings: Settings, consumer: str) -> Iterator[Applier]:
    """The applier of one consumer on an opened hub."""
    (chosen,) = consumers_named([consumer])
    with open_hub(settings) as hub:
        yield Applier(hub.database, chosen, hub.catalogue, hub.clock)


def local_actor() -> Actor:
    """The person at the command line, as the operating system knows them."""
    return Actor(id=derived_id("principal", LOCAL), name=getpass.getuser())


def redact_subject(settings: Settings, authority: str, subject: str, reason: str) -> int:
    """Empty a subject's events and write it down; returns how many events were emptied."""
    actor = local_actor()
    with open_hub(settings) as hub, hub.database.worker.begin() as connection:
        audit(connection, authority, actor.name or LOCAL, "subject redacted", subject)
        return redact(
            connection,
            authority,
            subject,
            reason=reason,
            by=actor,
            key=settings.redaction_key or _own_key(settings),
            catalogue=hub.catalogue,
            now=hub.clock.now(),
        )


def _own_key(settings: Settings) -> bytes:
    """The hub's secret for keyed hashes, made at first use and kept beside the embedded data, readable by its owner."""
    file = settings.data_dir / "redaction.key"
    if not file.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_bytes(secrets.token_bytes(32))
    return file.read_bytes()
