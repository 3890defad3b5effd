"""Repair from the command line: who does it, and with what."""

import getpass
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from access.principals import LOCAL, audit
from consumers.runtime.apply import Applier
from kernel.errors import Fatal
from kernel.ids import derived_id
from producers.redact import redact
from schemas.hub import Actor

from .consumers import consumers_named
from .opening import open_hub
from .settings import EXPLAINED, Settings

KEY_BYTES = 32


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
    """The hub's secret for keyed hashes, made at first use and kept beside the embedded data, readable by its owner.

    Raises Fatal on a server, where each process would make its own, and for a key file that is not whole.
    """
    if settings.database_url:
        raise Fatal("a hub on a server needs SAMSPIL_REDACTION_KEY", hint=EXPLAINED["SAMSPIL_REDACTION_KEY"])
    file = settings.data_dir / "redaction.key"
    if not file.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        fresh = file.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_bytes(secrets.token_bytes(KEY_BYTES))
        fresh.rename(file)
    key = file.read_bytes()
    if len(key) != KEY_BYTES:
        raise Fatal(f"{file} is not whole", hint="bring it back from a backup of the data directory")
    return key
