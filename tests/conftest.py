"""Fixtures of every suite: the database, the broker and the corpus of real documents."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.database import database, postgres  # noqa: F401 - fixtures for every suite
from tests.support.kafka import NoBroker, broker_process
from tests.support.needs import missing
from tests.support.said import said

REPOSITORY = Path(__file__).parents[1]

# A machine that stands still for a moment is no finding.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What tests counted is printed at the end, also by a run in many processes."""
    for line in said(report for reports in terminalreporter.stats.values() for report in reports):
        terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def kafka_broker() -> Iterator[str]:
    """The address (host:port) of a real broker, one for the whole run: each test makes topics of its own."""
    with ExitStack() as ending:
        reason = ""
        try:
            yield ending.enter_context(broker_process())
        except NoBroker as none:
            reason = str(none)
        if reason:
            missing(reason)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real invoices and messages: SAMSPIL_TEST_CORPUS, else `shared/corpus` beside the repository."""
    if named := os.environ.get("SAMSPIL_TEST_CORPUS"):
        folder = Path(named)
        assert folder.is_dir(), f"SAMSPIL_TEST_CORPUS names {folder}, which is no folder"
        return folder
    folder = REPOSITORY.parent / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip("no corpus: SAMSPIL_TEST_CORPUS is not set and there is no shared/corpus beside the repository")
    return folder
