"""Workflows as a consumer of the log."""

from functools import partial

from consumers.runtime.consumer import Consumer

from .happenings import Happenings
from .library import Library, load_library
from .overdue import judge_all
from .project import FAMILIES, project
from .react import react
from .store import NAME
from .tables import FINDING, METADATA


def make_consumer(library: Library) -> Consumer:
    """Workflows with the processes of a library."""
    happenings = Happenings(library)
    return Consumer(
        name=NAME,
        version=1,
        families=FAMILIES | happenings.families,
        tables=METADATA,
        project=partial(project, happenings=happenings),
        judge_all=partial(judge_all, library=library),
        findings=FINDING,
        react=partial(react, happenings=happenings),
    )


LIBRARY = load_library()
WORKFLOWS = make_consumer(LIBRARY)
