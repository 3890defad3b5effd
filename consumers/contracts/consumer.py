"""The contract register and its watch as a consumer of the log."""

from consumers.runtime.consumer import Consumer

from .project import FAMILIES, project
from .tables import FINDING, METADATA
from .watch import NAME, judge, judge_all

CONTRACTS = Consumer(
    name=NAME,
    version=4,
    families=FAMILIES,
    tables=METADATA,
    project=project,
    judge=judge,
    judge_all=judge_all,
    findings=FINDING,
)
