"""What a test counted and the reader of the run shall see, whichever process it ran in."""

from collections.abc import Iterable, Iterator

import pytest

SAID = "said"
"""The name of the property (`record_property`) that is printed at the end of the run."""


def said(reports: Iterable[object]) -> Iterator[str]:
    """A line per property, with the test that recorded it."""
    for report in reports:
        if isinstance(report, pytest.TestReport) and report.when == "call":
            name = report.nodeid.split("::")[-1]
            yield from (f"{name}: {value}" for key, value in report.user_properties if key == SAID)
