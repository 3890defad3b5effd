"""Automation as a consumer of the log: it reads everything, and keeps what concerns rules."""

from consumers.runtime.consumer import EVERYBODY, Consumer
from schemas.registry import CATALOGUE

from .project import project
from .react import react
from .tables import METADATA

FAMILIES = frozenset(kind.family for kind in CATALOGUE) - EVERYBODY

AUTOMATION = Consumer(name="automation", version=1, families=FAMILIES, tables=METADATA, project=project, react=react)
