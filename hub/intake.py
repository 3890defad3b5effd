"""Files to events: which adapter reads a file, and what became of what it held."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from access.agreements import local_principal
from access.principals import Principal
from adapters.register.read import Origin
from adapters.register.sheets import MAX_BYTES as LARGEST
from adapters.ubl.events import REFUSED, invoice_events
from kernel.errors import Forbidden, Invalid
from kernel.ids import new_id
from kernel.masking import mask_digits, mask_message
from producers.store import Outcome
from schemas.coding import parse_body
from schemas.envelope import CloudEvent
from schemas.values import valid_cvr

from .opening import Hub
from .registers import register_events

Status = Literal["accepted", "duplicate", "unchanged", "refused", "skipped"]
INVOICES, REGISTERS = "urn:samspil:ubl", "urn:samspil:register"
"""What the local command line calls its sources."""
SUFFIXES = (".xml", ".json", ".csv", ".xlsx")


@dataclass(frozen=True)
class Taken:
    """What became of one file."""

    file: str
    status: Status
    reason: str = ""
    ids: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {"file": self.file, "status": self.status, "reason": self.reason or None, "ids": self.ids}


@dataclass
class Intake:
    """Takes files in for the local command line, each whole or not at all."""

    hub: Hub
    authority: str | None = None
    complete: bool = False
    force: bool = False
    _principals: dict[str, Principal] = field(default_factory=dict)

    def take_all(self, paths: Iterable[Path]) -> Iterator[Taken]:
        """Every file below `paths`, in order of their names."""
        for path in paths:
            if not path.exists():
                yield Taken(str(path), "refused", "there is no such file")
            elif path.is_dir():
                yield from self.take_all(sorted(each for each in path.iterdir() if not each.name.startswith(".")))
            else:
                yield self.take(path)

    def take(self, path: Path) -> Taken:
        """One file through its adapter and accept."""
        name = mask_digits(str(path))
        if path.suffix.lower() not in SUFFIXES:
            return Taken(name, "skipped", f"no adapter reads {path.suffix or 'files without a suffix'}")
        try:
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
            events = self._events(path, content)
            if not events:
                return Taken(name, "unchanged", "nothing in it differs from what is known")
            outcomes = self._accept(events)
        except OSError as error:
            return Taken(name, "refused", f"the file cannot be opened: {error.strerror}")
        except Invalid as error:
            return Taken(name, "refused", mask_message(_told(error)))
        return _taken(name, events, outcomes)

    def _events(self, path: Path, content: bytes) -> list[CloudEvent]:
        if len(content) > LARGEST:
            raise Invalid(f"the file is larger than {LARGEST // 1024**2} MB", hint="divide it")
        now, suffix = self.hub.clock.now(), path.suffix.lower()
        if suffix == ".json":
            return self._own(parse_body(content, batch=content.lstrip()[:1] == b"["))
        if self.authority is None:
            raise Invalid("whose file is it?", hint="say so with --authority CVR")
        if not valid_cvr(self.authority):
            raise Invalid(f"{self.authority!r} is not a CVR number", hint="8 digits that satisfy modulus 11")
        if suffix == ".xml":
            return invoice_events(
                content, authority=self.authority, source=INVOICES, received_at=now, file_name=path.name
            )
        origin = Origin(
            authority=self.authority, source=REGISTERS, run_id=new_id(), read_at=now,
            pseudonyms=self.hub.acceptor.pseudonyms,
        )  # fmt: skip
        return register_events(self.hub.database, content, path.name, origin, complete=self.complete, force=self.force)

    def _own(self, events: list[CloudEvent]) -> list[CloudEvent]:
        """A file that is said to be one authority's holds that authority's events only."""
        others = {event.authority for event in events} - {self.authority}
        if self.authority and others:
            raise Invalid(f"the file of {self.authority} holds events of {', '.join(sorted(others))}")
        return events

    def _accept(self, events: list[CloudEvent]) -> list[Outcome]:
        authorities = {event.authority for event in events}
        if len(authorities) > 1:
            raise Invalid("the file holds events of several authorities", hint="one file, one authority")
        return self.hub.acceptor.accept(events, self._principal(authorities.pop()))

    def _principal(self, authority: str) -> Principal:
        """The local command line as principal; checked against its agreement once per run."""
        if authority not in self._principals:
            with self.hub.database.worker.begin() as connection:
                principal = local_principal(connection, authority, self.hub.settings.operator)
            if not principal.grants:
                raise Forbidden(f"the agreement of the local command line with {authority} has ended")
            self._principals[authority] = principal
        return self._principals[authority]


def _taken(name: str, events: list[CloudEvent], outcomes: list[Outcome]) -> Taken:
    ids = [event.id for event in events]
    if events[0].type == REFUSED:
        refusal = events[0].data
        problems = "; ".join(f"{problem.where}: {problem.message}" for problem in refusal.problems)
        return Taken(name, "refused", f"{refusal.reason}{': ' + problems if problems else ''}", ids)
    statuses = {outcome.status for outcome in outcomes}
    status: Status = "accepted" if "accepted" in statuses else "unchanged" if "unchanged" in statuses else "duplicate"
    return Taken(name, status, "", ids)


def _told(error: Invalid) -> str:
    """Every finding on a line of its own; without findings, what is wrong and what to do about it."""
    return "\n".join(map(str, error.problems)) or "; ".join(filter(None, (error.message, error.hint)))
