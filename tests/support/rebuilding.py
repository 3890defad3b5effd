"""A rebuild of the judging consumer in a process of its own, which kills itself in the middle of a transaction."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from sqlalchemy import Connection

from consumers.runtime import rebuild
from consumers.runtime.consumer import Consumer, Rows
from schemas.catalogue import Catalogue
from schemas.envelope import Event
from schemas.registry import CATALOGUE
from storage.database import Database
from tests.support.judging import judging_consumer
from tests.support.kafka.settings import repository

Spot = Literal["load", "finish", "hand-over", "nowhere"]


def rebuild_in_process(database: Database, page: int, killed: Spot) -> int:
    """Run it to its end, or to where it is killed; returns the exit code (-9: killed)."""
    url = database.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.support.rebuilding", url, str(page), killed]
    return subprocess.run(command, cwd=repository(), check=False).returncode


def mortal(consumer: Consumer, spot: str, page: int) -> Consumer:
    """The consumer, whose third page or judgement of everything kills the process."""
    loaded: list[int] = []

    def project(events: Sequence[Event], catalogue: Catalogue) -> Rows:
        loaded.append(len(events))
        if spot == "load" and len(loaded) == 3:
            die()
        return consumer.project(events, catalogue)

    def judge_all(connection: Connection) -> None:
        assert consumer.judge_all
        consumer.judge_all(connection)
        if spot == "finish":
            die()

    return replace(consumer, project=project, judge_all=judge_all)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(url: str, page: int, spot: str) -> None:
    rebuild.NEAR = page
    if spot == "hand-over":
        rebuild._note_differences = lambda *_: die()
    database = Database.at(url)
    rebuild.Rebuild(database, mortal(judging_consumer(), spot, page), CATALOGUE, page=page).run()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
