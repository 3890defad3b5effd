"""What processes and their steps are called, and how a drawing is shown, in the language of a visit."""

from dataclasses import dataclass
from typing import Literal

from lxml import etree

from consumers.workflows.desk import Desk
from consumers.workflows.library import Process
from consumers.workflows.rows import InstanceRow
from monitoring.web.frame import Visit

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
QUIET = frozenset({"exclusiveGateway", "parallelGateway", "inclusiveGateway", "eventBasedGateway"})
"""Elements of a drawing that the list of steps leaves out when nobody named them."""


@dataclass(frozen=True)
class Step:
    """An element of the drawing, with how the instance stands to it."""

    id: str
    kind: str
    name: str
    standing: Literal["done", "current", "ahead"]


@dataclass(frozen=True)
class Names:
    """What processes and their steps are called in the language of the visit."""

    visit: Visit
    desk: Desk

    def process(self, key: str, version: int | None) -> Process | None:
        return self.desk.library.processes.get((key, version or 0))

    def title(self, key: str, version: int | None) -> str:
        process = self.process(key, version)
        return str(getattr(process.definition.title, self.visit.language.code)) if process else key

    def step(self, key: str, version: int | None, step: str) -> str:
        process = self.process(key, version)
        if process is None:
            return step
        danish = process.name_of(step)
        return danish if self.visit.language.code == "da" else process.definition.english.get(step, danish)

    def stands_at(self, instance: InstanceRow) -> list[str]:
        """Where an instance stands, in few words: what people are asked for; else what it waits for."""
        process = self.process(instance.process, instance.version)
        kinds = process.drawing.kinds if process else {}
        asked = [step for step in instance.current if kinds.get(step) == "userTask"]
        return [self.step(instance.process, instance.version, step) for step in asked or instance.current]

    def drawing(self, process: Process) -> str:
        """The drawing's BPMN with the names of the language; what has no name in it keeps the Danish one."""
        if self.visit.language.code == "da":
            return process.xml.decode()
        root = etree.fromstring(process.xml, etree.XMLParser(resolve_entities=False, no_network=True))
        for element in root.iter(f"{BPMN}*"):
            danish = element.get("name")
            if danish and element.tag == f"{BPMN}sequenceFlow":
                element.set("name", self.visit.language.known(f"flow.{danish}", danish))
            elif danish:
                element.set("name", process.definition.english.get(element.get("id") or "", danish))
        return etree.tostring(root, encoding="unicode")

    def steps(self, instance: InstanceRow) -> tuple[Step, ...]:
        """The steps in the drawing's order; a gateway only if it was given a name."""
        process = self.process(instance.process, instance.version)
        if process is None:
            return ()
        return tuple(
            Step(step, kind, self.step(instance.process, instance.version, step), _standing(instance, step))
            for step, kind in process.drawing.kinds.items()
            if kind not in QUIET or process.name_of(step) != step
        )


def _standing(instance: InstanceRow, step: str) -> Literal["done", "current", "ahead"]:
    return "current" if step in instance.current else "done" if step in instance.done else "ahead"
