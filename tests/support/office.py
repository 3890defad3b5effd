"""A hub that is served as people run it, with people who have keys; every process of it can be killed at once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from schemas.catalogue import Json
from schemas.envelope import CloudEvent
from storage.database import Database
from storage.embedded import EmbeddedPostgres
from storage.migrate import migrate
from tests.support.command import home_of_its_own
from tests.support.kafka.settings import repository
from tests.support.serving import free_port, is_ready, key_of
from tests.support.wait import until

START_S = 60


@dataclass
class Office:
    """`samspil serve --embedded` on a data directory, the keys of its people, and how often all of it was killed."""

    home: Path
    port: int
    keys: dict[str, str] = field(default_factory=dict)
    kills: int = 0
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        environment = {**os.environ, "SAMSPIL_DATA_DIR": str(self.home), "SAMSPIL_PORT": str(self.port)}
        command = [sys.executable, "-m", "hub.cli", "serve", "--embedded"]
        with self.said.open("ab") as said:
            self._process = subprocess.Popen(command, env=environment, cwd=repository(), stdout=said, stderr=said)
        until(lambda: is_ready(self.port), START_S, f"the hub to answer; what it says is in {self.said}")

    def kill(self) -> None:
        """kill -9 the hub and its PostgreSQL, every backend of it."""
        assert self._process
        postmaster = int((self.home / "postgres" / "postmaster.pid").read_text().split()[0])
        for pid in (self._process.pid, *_children(postmaster), postmaster):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        until(lambda: not Path(f"/proc/{postmaster}").exists(), START_S, "PostgreSQL to be gone")
        self.kills += 1

    def get(self, person: str, path: str, **params: str) -> Json:
        answer = httpx.get(f"{self.url}{path}", params=params, headers=self._key(person), timeout=30)
        assert answer.status_code == httpx.codes.OK, answer.text
        found: Json = answer.json()
        return found

    def post(self, person: str, path: str, body: Json) -> httpx.Response:
        return httpx.post(f"{self.url}{path}", json=body, headers=self._key(person), timeout=30)

    def send(self, source: str, events: Sequence[CloudEvent]) -> None:
        """As a source system does: one batch."""
        body = [event.model_dump(mode="json", exclude_none=True) for event in events]
        headers = self._key(source) | {"content-type": "application/cloudevents-batch+json"}
        answer = httpx.post(f"{self.url}/events", json=body, headers=headers, timeout=30)
        assert answer.status_code == httpx.codes.ACCEPTED, answer.text

    @property
    def said(self) -> Path:
        """What the hub said, after all its starts."""
        return self.home / "said.txt"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Its database, for looking at what there is; the hub may run or not."""
        postgres = EmbeddedPostgres(self.home)
        database = postgres.start()
        try:
            yield database
        finally:
            database.dispose()
            postgres.stop()

    def _key(self, person: str) -> dict[str, str]:
        return {"authorization": f"Bearer {self.keys[person]}"}


@contextmanager
def office(people: Sequence[str], types: Sequence[str], source: str) -> Iterator[Office]:
    """A served hub on which each of `people` has a key for `types`, and the system `source` one for everything."""
    with home_of_its_own() as home:
        made = Office(home, free_port())
        with made.database() as database:
            migrate(database)
            made.keys = {name: key_of(database, name, types=types, kind="person") for name in people}
            made.keys[source] = key_of(database, source, types=["*"])
            assert set(made.keys) == {*people, source}
        made.start()
        try:
            yield made
        finally:
            with suppress(FileNotFoundError):
                made.kill()


def _children(pid: int) -> list[int]:
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in listed.read_text().split()] if listed.exists() else []
