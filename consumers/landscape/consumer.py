"""The landscape as a consumer of the log."""

from consumers.runtime.consumer import Consumer

from .project import FAMILIES, project
from .tables import METADATA

LANDSCAPE = Consumer(name="landscape", version=1, families=FAMILIES, tables=METADATA, project=project)
