"""The client of source systems against a real hub: nothing is lost and order is kept, whoever is killed."""

import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlalchemy import text

from access.agreements import approve_agreement, request_agreement
from kernel.errors import Fatal, Retryable
from producers.client import Client
from storage.database import Database
from tests.support.sample import unit
from tests.support.serving import REPOSITORY, free_port, key_of, serving, serving_process
from tests.support.wait import until

NEIGHBOUR = "99000015"
SENDING = """
import sys
from pathlib import Path
from producers.client import Client
from tests.support.sample import unit

client = Client(sys.argv[1], "samspil_key", Path(sys.argv[2]))
for number in range(10_000):
    client.send(unit(number))
    print(number, file=sys.stderr, flush=True)
"""


def stored(database: Database) -> list[str]:
    """The ids of the stored events, in the order of the store."""
    with database.worker.connect() as connection:
        return list(connection.execute(text("SELECT id FROM hub.event ORDER BY position")).scalars())


def assert_whole_and_in_order(database: Database, count: int) -> None:
    """`event-0` up to `event-<count - 1>` are each there once, and each subject's in the order of their numbers."""
    numbers = [int(identity.removeprefix("event-")) for identity in stored(database)]
    assert sorted(numbers) == list(range(count))
    by_subject = defaultdict[int, list[int]](list)
    for number in numbers:
        by_subject[number % 7].append(number)
    assert all(each == sorted(each) for each in by_subject.values())


def test_events_reach_the_hub_in_their_order(database: Database, tmp_path: Path) -> None:
    """Over many batches; nothing waits after `flush`."""
    with serving(database) as (url, _), Client(url, key_of(database, "source"), tmp_path / "buffer") as client:
        for start in range(0, 1200, 100):
            client.send(*(unit(number) for number in range(start, start + 100)))
        client.flush()
        assert client.waiting == 0
    assert_whole_and_in_order(database, 1200)


def test_a_client_without_a_file_sends_before_it_ends(database: Database) -> None:
    """The end of the block waits for what is still in memory."""
    with serving(database) as (url, _), Client(url, key_of(database, "source")) as client:
        client.send(*(unit(number) for number in range(50)))
    assert_whole_and_in_order(database, 50)


def test_a_hub_that_is_killed_and_comes_back_loses_nothing(database: Database, tmp_path: Path) -> None:
    """kill -9 of the server while events come in; the client sends again what was not answered."""
    key, port = key_of(database, "source"), free_port()
    with Client(f"http://127.0.0.1:{port}", key, tmp_path / "buffer") as client:
        sent = 0
        for _ in range(2):
            with serving_process(database, port) as server:
                for sent in range(sent, sent + 300):  # noqa: B020 - goes on where it was
                    client.send(unit(sent))
                    if sent % 300 == 200:
                        until(lambda: stored(database), 20, "the first events to be stored")
                        server.kill()
                sent += 1
        assert client.waiting
        with serving_process(database, port):
            client.flush()
    assert_whole_and_in_order(database, 600)


def test_a_client_that_is_killed_has_kept_what_it_took(database: Database, tmp_path: Path) -> None:
    """kill -9 of the source system: the next client sends every event for which `send` had returned."""
    command = [sys.executable, "-c", SENDING, f"http://127.0.0.1:{free_port()}", str(tmp_path / "buffer")]
    with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as source:
        assert source.stderr
        taken = [source.stderr.readline() for _ in range(300)]
        source.kill()
        taken += source.stderr.readlines()
    with serving(database) as (url, _), Client(url, key_of(database, "source"), tmp_path / "buffer") as client:
        client.flush()
    count = len(stored(database))
    assert int(taken[-1]) + 1 == len(taken)
    assert count in (len(taken), len(taken) + 1)
    assert_whole_and_in_order(database, count)


def test_what_is_refused_is_set_aside_and_delays_nothing(database: Database, tmp_path: Path) -> None:
    """Bad data, a used id and another authority's event, among good ones in one batch."""
    with serving(database) as (url, _), Client(url, key_of(database, "source"), tmp_path / "buffer") as client:
        client.send(unit(0))
        client.flush()
        bad = [unit(0, data={"name": "En anden"}), unit(10, data={"name": 7}), unit(11, authority=NEIGHBOUR)]
        client.send(unit(1), bad[0], unit(2), bad[1], bad[2], unit(3))
        client.flush()
        reasons = [each.reason for each in client.refused()]
    assert [each for each in stored(database) if each.startswith("event-")] == [f"event-{n}" for n in range(4)]
    assert [reason.split(":", maxsplit=1)[0] for reason in reasons] == [
        "the hub answered 409", "the hub answered 422", "the hub answered 403",
    ]  # fmt: skip
    assert "data.name" in reasons[1]


def test_what_was_set_aside_is_sent_again_when_asked(database: Database, tmp_path: Path) -> None:
    """Once the authority has approved the agreement."""
    with serving(database) as (url, _), Client(url, key_of(database, "source"), tmp_path / "buffer") as client:
        client.send(unit(0, authority=NEIGHBOUR))
        client.flush()
        with database.worker.begin() as connection:
            agreement = request_agreement(connection, NEIGHBOUR, "source", "send", ["*"], by="supplier")
            approve_agreement(connection, agreement, by="authority")
        assert client.again() == 1
        client.flush()
        assert client.refused() == []
    assert stored(database) == ["event-0"]


def test_a_key_that_is_not_known_is_waited_for(database: Database, tmp_path: Path) -> None:
    """Nothing is set aside for it; `flush` says what the trouble is."""
    with serving(database) as (url, _):
        client = Client(url, "samspil_wrong", tmp_path / "buffer")
        client.send(unit(0))
        until(lambda: client._trouble, 10, "the first answer")
        with pytest.raises(Retryable, match="401"):
            client.flush(0)
        client.close(0)
        with Client(url, key_of(database, "source"), tmp_path / "buffer") as right:
            right.flush()
    assert stored(database) == ["event-0"]


def test_without_a_file_the_end_says_what_is_lost() -> None:
    """A hub that is not there, and no buffer that would outlive the client."""
    client = Client(f"http://127.0.0.1:{free_port()}", "samspil_key")
    client.send(unit(0), unit(1))
    with pytest.raises(Retryable, match="2 events"):
        client.close(0)


def test_two_clients_do_not_share_a_file(tmp_path: Path) -> None:
    """The second is told so."""
    client = Client("http://127.0.0.1:1", "samspil_key", tmp_path / "buffer")
    with pytest.raises(Fatal, match="locked"):
        Client("http://127.0.0.1:1", "samspil_key", tmp_path / "buffer")
    client.close(0)


class _Busy(BaseHTTPRequestHandler):
    """Asks for a second of patience, then gives way to a proxy's page, then takes everything."""

    times: "list[float]"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.times.append(time.monotonic())
        status = (503, 403, 202)[len(self.times) - 1]
        self.send_response(status)
        self.send_header("content-length", "0")
        if status == 503:
            self.send_header("retry-after", "1")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


@contextmanager
def busy_hub() -> Iterator[tuple[str, list[float]]]:
    handler = type("Busy", (_Busy,), {"times": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", handler.times
        server.shutdown()
        thread.join()


def test_the_hubs_own_patience_is_kept() -> None:
    """Retry-After is waited for, and a 403 that the hub did not say itself is no refusal."""
    with busy_hub() as (url, times), Client(url, "samspil_key") as client:
        client.send(unit(0))
        client.flush()
        assert client.refused() == []
        assert times[1] - times[0] >= 1
