"""The processes there are: a folder each, with every version that was ever started."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

from pydantic import ValidationError

from kernel.errors import Invalid
from schemas.catalogue import problems_of

from .definition import Definition
from .drawing import Drawing, read_drawing
from .engine import Spec, compile_drawing

PROCESSES = Path(__file__).parent / "processes"


@dataclass(frozen=True)
class Process:
    """One version of a process, with its drawing as bytes."""

    definition: Definition
    xml: bytes
    fingerprint: str

    @property
    def key(self) -> str:
        return self.definition.key

    @property
    def version(self) -> int:
        return self.definition.version

    @cached_property
    def drawing(self) -> Drawing:
        """The drawing, checked against the definition. Raises Invalid."""
        return read_drawing(self.xml, self.definition, f"{self.key}/v{self.version}.bpmn")

    @cached_property
    def spec(self) -> Spec:
        """The drawing as the engine carries it on: made once, for all instances. Raises Invalid."""
        return compile_drawing(self.drawing.xml, self.key)

    def name_of(self, step: str) -> str:
        """What a step is called in the drawing, in Danish."""
        return self.drawing.names.get(step, step)


@dataclass(frozen=True)
class Library:
    """Every version of every process, by key and number."""

    processes: dict[tuple[str, int], Process]

    def __iter__(self) -> Iterator[Process]:
        return iter(self.processes.values())

    def latest(self, key: str) -> Process:
        """The version that new instances are started by. Raises Invalid when there is no such process."""
        versions = [process for process in self if process.key == key]
        if not versions:
            known = ", ".join(sorted({process.key for process in self})) or "none"
            raise Invalid(f"there is no process {key!r}", hint=f"there are: {known}")
        return max(versions, key=lambda process: process.version)

    def version(self, key: str, number: int) -> Process:
        """One version of a process. Raises Invalid when there is none."""
        if (key, number) not in self.processes:
            raise Invalid(f"there is no version {number} of the process {key!r}", hint="put its files back")
        return self.processes[key, number]

    def started_by(self, key: str, version: int, fingerprint: str) -> Process:
        """The version that an instance was started by, as it was then. Raises Invalid when it is not that any more."""
        process = self.version(key, version)
        if process.fingerprint != fingerprint:
            raise Invalid(
                f"{key}/v{version} was changed after instances were started by it",
                hint=f"put the old files back; what is new about the process is v{version + 1}",
            )
        return process


def load_library(folder: Path = PROCESSES) -> Library:
    """The processes in `folder`. Raises Invalid for a definition that is none, or a version without its drawing."""
    found = {}
    for path in sorted(folder.glob("*/v*.json")):
        process = _load(path)
        found[process.key, process.version] = process
    return Library(found)


def _load(path: Path) -> Process:
    where, raw = f"{path.parent.name}/{path.name}", path.read_bytes()
    try:
        definition = Definition.model_validate_json(raw)
    except ValidationError as error:
        raise Invalid(f"{where} is no definition of a process", problems=problems_of(error, where)) from None
    if (path.parent.name, path.stem) != (definition.key, f"v{definition.version}"):
        raise Invalid(f"{where} defines {definition.key} version {definition.version}", hint="name the file after that")
    drawing = path.with_suffix(".bpmn")
    if not drawing.exists():
        raise Invalid(f"{where} has no drawing beside it", hint=f"draw {drawing.name}")
    xml = drawing.read_bytes()
    return Process(definition, xml, blake2b(raw + b"\0" + xml, digest_size=16).hexdigest())
