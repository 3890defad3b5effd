"""The command line as a person runs it: a process with a data directory of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage.embedded import EmbeddedPostgres
from tests.support.kafka.settings import repository


@dataclass(frozen=True)
class Done:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Standard output as JSON, an object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Command:
    """`samspil` on one data directory."""

    home: Path
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str | Path) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "hub.cli", *map(str, arguments)],
            env=self.variables, cwd=repository(), capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return Done(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def running(self, *arguments: str) -> Iterator["subprocess.Popen[str]"]:
        """A process that goes on until the end of the block, told to stop by SIGTERM."""
        process = subprocess.Popen(
            [sys.executable, "-m", "hub.cli", *arguments],
            env=self.variables, cwd=repository(), stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.terminate()
            _, said = process.communicate(timeout=60)
            assert "Traceback" not in said, said
            assert process.returncode == 0, said

    @property
    def variables(self) -> dict[str, str]:
        return {**os.environ, "SAMSPIL_DATA_DIR": str(self.home), "NO_COLOR": "1", **self.environment}


@contextmanager
def home_of_its_own() -> Iterator[Path]:
    """A data directory; none of pytest's, which are shut to the user that a PostgreSQL started by root runs as."""
    home = Path(tempfile.mkdtemp(prefix="samspil-test-"))
    home.chmod(0o755)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def commanding() -> Iterator[Command]:
    """A command line on a fresh hub, whose embedded PostgreSQL stays up between the commands, so that each is quick."""
    with home_of_its_own() as home:
        postgres = EmbeddedPostgres(home)
        postgres.start().dispose()
        try:
            yield Command(home)
        finally:
            postgres.stop()
