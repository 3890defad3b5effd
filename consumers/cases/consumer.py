"""The case index as a consumer of the log."""

from consumers.runtime.consumer import Consumer

from .project import FAMILIES, project
from .tables import METADATA

CASES = Consumer(name="cases", version=1, families=FAMILIES, tables=METADATA, project=project)
