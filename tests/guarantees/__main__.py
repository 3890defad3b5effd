"""`python -m tests.guarantees`: run the proof of every guarantee, say of each whether it holds, and how many do.

`--page` prints the page instead; anything else is handed on to pytest. Exit code 0 when every guarantee holds.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pytest

from tests.guarantees.declared import GUARANTEES, Guarantee
from tests.guarantees.page import page
from tests.support.kafka.settings import repository
from tests.support.said import said

QUIETLY = ("-p", "no:terminal", "-o", "addopts=", "--strict-markers", "--import-mode=importlib")
"""pytest without a word of its own: what it has to say, `Results` says."""


@dataclass(eq=False)
class Results:
    """What became of each test, and of each guarantee as soon as its last test has ended."""

    guarantees: Sequence[Guarantee]
    outcomes: dict[str, set[str]] = field(default_factory=dict)
    waiting: dict[str, int] = field(default_factory=dict)
    told: set[int] = field(default_factory=set)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            name = _name(item.nodeid)
            self.waiting[name] = self.waiting.get(name, 0) + 1

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            print(report.longreprtext, file=sys.stderr, flush=True)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = _name(report.nodeid)
        if report.when == "call" or not report.passed:
            self.outcomes.setdefault(name, set()).add(report.outcome)
        for line in said([report]):
            print(f"         {line}", flush=True)
        if report.failed:
            print(f"{report.nodeid}\n{report.longreprtext}\n", file=sys.stderr, flush=True)
        if report.when == "teardown":
            self.waiting[name] -= 1
            self._tell()

    def holds(self, guarantee: Guarantee) -> bool:
        """Whether every test of the guarantee ran and passed: none failed, none was skipped, none was left out."""
        return all(self.outcomes.get(test) == {"passed"} for test in guarantee.tests)

    def tell(self, guarantee: Guarantee) -> None:
        """The guarantee's line, and a line below it for each of its mechanisms."""
        self.told.add(guarantee.number)
        print(f"{'holds' if self.holds(guarantee) else 'FAILS'}  {guarantee.number}. {guarantee.sentence}")
        for mechanism in guarantee.mechanisms:
            print(f"         {mechanism.what} {self._shown(mechanism.proofs)}", end="")
            print(f"; switched off: {self._shown(mechanism.without)}", flush=True)

    def _tell(self) -> None:
        for guarantee in self.guarantees:
            ran = all(test in self.waiting and not self.waiting[test] for test in guarantee.tests)
            if ran and guarantee.number not in self.told:
                self.tell(guarantee)

    def _shown(self, tests: Iterable[str]) -> str:
        return ", ".join(f"{test.rpartition('::')[2]} {self._outcome(test)}" for test in tests)

    def _outcome(self, test: str) -> str:
        return "/".join(sorted(self.outcomes.get(test, {"not run"})))


def _name(nodeid: str) -> str:
    """The test's name without its parameters."""
    return nodeid.partition("[")[0]


def main(arguments: Sequence[str]) -> int:
    if arguments == ["--page"]:
        print(page(GUARANTEES), end="")
        return 0
    os.chdir(repository())
    os.environ["SAMSPIL_TEST_REQUIRE"] = "1"
    results = Results(GUARANTEES)
    tests = dict.fromkeys(test for guarantee in GUARANTEES for test in guarantee.tests)
    pytest.main([*QUIETLY, *tests, *arguments], plugins=[results])
    for guarantee in GUARANTEES:
        if guarantee.number not in results.told:
            results.tell(guarantee)
    holding = sum(results.holds(guarantee) for guarantee in GUARANTEES)
    print(f"{holding} of {len(GUARANTEES)} hold", flush=True)
    return 0 if holding == len(GUARANTEES) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
