"""What a drawing (BPMN 2.0) may hold: elements, names, conditions. Everything else is refused when it is loaded."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from kernel.errors import Invalid, Problem

from .definition import Definition
from .expressions import parse

_BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
_EVENTS = frozenset({"boundaryEvent", "intermediateCatchEvent"})
STEPS = _EVENTS | {
    "startEvent", "endEvent", "userTask", "serviceTask", "exclusiveGateway", "parallelGateway", "inclusiveGateway",
    "eventBasedGateway",
}  # fmt: skip
"""Elements that a process passes."""
_PARTS = frozenset(
    {
        "definitions", "process", "sequenceFlow", "conditionExpression", "incoming", "outgoing", "message",
        "timerEventDefinition", "timeDuration", "timeDate", "messageEventDefinition", "terminateEventDefinition",
        "laneSet", "lane", "flowNodeRef", "documentation", "textAnnotation", "text", "association", "collaboration",
        "participant",
    }
)  # fmt: skip
_EXPRESSIONS = ("conditionExpression", "timeDuration", "timeDate")


@dataclass(frozen=True)
class Drawing:
    """The process as it is drawn: element id to its kind (`userTask`) and to its Danish name."""

    xml: bytes
    kinds: dict[str, str]
    names: dict[str, str]


def read_drawing(xml: bytes, definition: Definition, where: str) -> Drawing:
    """The drawing of `definition`. Raises Invalid with everything in it that cannot be carried out, or does not fit."""
    try:
        root = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        raise Invalid(f"{where} is no XML: {error}") from None
    elements = list(root.iter(f"{_BPMN}*"))
    steps = {str(each.get("id")): each for each in elements if _kind(each) in STEPS}
    drawing = Drawing(
        xml,
        kinds={step: _kind(element) for step, element in steps.items()},
        names={step: _name(element) or step for step, element in steps.items()},
    )
    problems = [*_problems(elements), *_unfit(root, drawing, definition)]
    if problems:
        hint = "docs/workflows.md says what a drawing may hold"
        raise Invalid(f"{where} cannot be carried out", hint=hint, problems=tuple(problems))
    return drawing


def _kind(element: etree._Element) -> str:
    return str(element.tag).removeprefix(_BPMN)


def _name(element: etree._Element) -> str:
    return " ".join((element.get("name") or "").split())


def _problems(elements: list[etree._Element]) -> Iterator[Problem]:
    asked = {element.get("id") for element in elements if _kind(element) == "userTask"}
    for element in elements:
        kind, where = _kind(element), f"line {element.sourceline}"
        if kind not in STEPS | _PARTS:
            yield Problem(where, "is an element that is not carried out here", kind)
        if kind in _EXPRESSIONS:
            try:
                parse(element.text or "")
            except Invalid as error:
                yield Problem(where, error.message)
        definitions = [_kind(each) for each in element if _kind(each).endswith("EventDefinition")]
        if kind in _EVENTS and definitions not in (["timerEventDefinition"], ["messageEventDefinition"]):
            yield Problem(where, "waits for one timer or one message", str(element.get("id")))
        if kind == "startEvent" and definitions:
            yield Problem(where, "is a plain start", str(element.get("id")))
        if kind == "endEvent" and definitions not in ([], ["terminateEventDefinition"]):
            yield Problem(where, "is a plain end, or one that terminates", str(element.get("id")))
        if kind == "boundaryEvent" and element.get("attachedToRef") not in asked:
            yield Problem(where, "stands on a user task", str(element.get("id")))


def _unfit(root: etree._Element, drawing: Drawing, definition: Definition) -> Iterator[Problem]:
    """Where drawing and definition do not name the same things."""
    processes = [each.get("id") for each in root.iter(f"{_BPMN}process")]
    if processes != [definition.key]:
        yield Problem("process", f"there is one, with the id {definition.key}", ", ".join(map(str, processes)))
    if list(drawing.kinds.values()).count("startEvent") != 1:
        yield Problem("startEvent", "there is one")
    messages = {str(each.get("name")) for each in root.iter(f"{_BPMN}message")}
    of_kind = {kind: {step for step, each in drawing.kinds.items() if each == kind} for kind in STEPS}
    for what, drawn, defined in (
        ("tasks", of_kind["userTask"], set(definition.tasks)),
        ("services", of_kind["serviceTask"], set(definition.services)),
        ("messages", messages, set(definition.messages)),
    ):
        if drawn != defined:
            yield Problem(what, "are those of the drawing and no others", ", ".join(sorted(drawn ^ defined)))
    if strange := sorted(set(definition.english) - set(drawing.kinds)):
        yield Problem("english", "names elements of the drawing", ", ".join(strange))
