"""The portfolio as a consumer of the log."""

from consumers.runtime.consumer import Consumer

from .judge import NAME, judge, judge_all
from .project import FAMILIES, project
from .tables import FINDING, METADATA

PORTFOLIO = Consumer(
    name=NAME,
    version=1,
    families=FAMILIES,
    tables=METADATA,
    project=project,
    judge=judge,
    judge_all=judge_all,
    findings=FINDING,
)
