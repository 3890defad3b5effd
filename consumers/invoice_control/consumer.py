"""Invoice control as a consumer of the log."""

from collections.abc import Collection
from functools import partial

from consumers.runtime.consumer import Consumer

from .judge import NAME, judge, judge_all
from .project import FAMILIES, project
from .rules.registry import rules_without
from .tables import FINDING, METADATA


def make_consumer(*, without: Collection[str] = ()) -> Consumer:
    """Invoice control with all rules but those whose codes are left out. Raises Fatal for a code that no rule has."""
    rules = rules_without(without)
    return Consumer(
        name=NAME,
        version=2,
        families=FAMILIES,
        tables=METADATA,
        project=project,
        judge=partial(judge, rules=rules),
        judge_all=partial(judge_all, rules=rules),
        findings=FINDING,
    )


INVOICE_CONTROL = make_consumer()
