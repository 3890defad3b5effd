"""The one module that knows SpiffWorkflow: a drawing that is carried on step by step.

It has no clock, keeps nothing and runs no code of a drawing: timers and messages are told to it, conditions go through
`expressions`, and service tasks are handed to whoever carries the process on. Its own ids are random and stay inside.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from SpiffWorkflow.bpmn.parser import BpmnParser, TaskParser
from SpiffWorkflow.bpmn.parser.event_parsers import BoundaryEventParser, IntermediateCatchEventParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.script_engine import PythonScriptEngine
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec
from SpiffWorkflow.bpmn.specs.defaults import BoundaryEvent, IntermediateCatchEvent, ServiceTask
from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import SpiffWorkflowException
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from kernel.errors import Invalid

from .expressions import Lookup, evaluate

MOST_STEPS = 1_000
"""Steps between two waits; a drawing that takes more goes round in a circle."""
Spec: TypeAlias = BpmnProcessSpec
"""A drawing, made ready."""


class Wait(NamedTuple):
    """Where a process stands still: at a task of people, a timer or a message. `token` tells two visits apart."""

    kind: str
    step: str
    token: UUID
    message: str = ""
    expression: str = ""


class _DayTimer(EventDefinition):  # type: ignore[misc]
    """A timer that fires when it is told to. Told apart by its place in the drawing."""

    def __init__(self, step: str, expression: str, **options: Any) -> None:
        super().__init__(name=step, **options)
        self.expression = expression

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _DayTimer) and self.name == other.name

    __hash__ = None  # type: ignore[assignment]


class _Timers:
    """A parser of events whose timers are ours."""

    node: Any
    xpath: Any

    def parse_timer_event(self, event: Any) -> _DayTimer:
        (expression,) = (part.text for part in event)
        return _DayTimer(self.node.get("id"), expression)


class _Boundary(_Timers, BoundaryEventParser):  # type: ignore[misc]
    pass


class _Catch(_Timers, IntermediateCatchEventParser):  # type: ignore[misc]
    pass


class _Service(ServiceTask):  # type: ignore[misc]
    """A service task that is passed: what it tells is made by whoever carries the process on."""

    def _execute(self, task: Task) -> bool:  # noqa: ARG002
        return True


class _Parser(BpmnParser):  # type: ignore[misc]
    OVERRIDE_PARSER_CLASSES = {  # noqa: RUF012 - the library's name and kind
        full_tag("boundaryEvent"): (_Boundary, BoundaryEvent),
        full_tag("intermediateCatchEvent"): (_Catch, IntermediateCatchEvent),
        full_tag("serviceTask"): (TaskParser, _Service),
    }


class _Conditions(PythonScriptEngine):  # type: ignore[misc]
    """Evaluates conditions over the instance's values, executes nothing."""

    def __init__(self, lookup: Lookup) -> None:
        super().__init__()
        self._lookup = lookup

    def evaluate(self, task: Task, expression: str, external_context: Any = None) -> Any:  # noqa: ARG002
        return evaluate(expression, self._lookup)

    def execute(self, task: Task, script: str, external_context: Any = None) -> Any:  # noqa: ARG002
        raise Invalid(f"{task.task_spec.name} is a script; scripts are not run")


def compile_drawing(xml: bytes, process: str) -> Spec:
    """The drawing as the engine carries it on. Raises Invalid when it is not connected as BPMN wants it."""
    parser = _Parser()
    try:
        parser.add_bpmn_str(xml)
        return parser.get_spec(process)
    except SpiffWorkflowException as error:
        raise Invalid(f"the drawing of {process} cannot be read: {error}") from None


class Run:
    """One instance, carried on in memory. `passed` is called with each step that it passes by itself, in order."""

    def __init__(self, spec: Spec, lookup: Lookup, passed: Callable[[str], None]) -> None:
        self._workflow = BpmnWorkflow(spec, script_engine=_Conditions(lookup))
        self._passed = passed

    def go(self) -> None:
        """Take every step that waits for nobody. Raises Invalid for a drawing that goes round in a circle."""
        steps = 0

        def complete(task: Task) -> None:
            nonlocal steps
            steps += 1
            if steps > MOST_STEPS:
                raise Invalid(f"{task.task_spec.name} is passed again and again: the drawing goes round in a circle")
            if task.task_spec.bpmn_id is not None:
                self._passed(task.task_spec.bpmn_id)

        try:
            self._workflow.do_engine_steps(did_complete_task=complete)
        except SpiffWorkflowException as error:
            raise Invalid(f"the process cannot go on: {error}") from None

    @property
    def ended(self) -> bool:
        return bool(self._workflow.completed)

    def waits(self) -> list[Wait]:
        """Where it stands still now, in the order of the drawing's tree."""
        found = [
            Wait("task", task.task_spec.bpmn_id, task.id)
            for task in self._workflow.get_tasks(state=TaskState.READY)
            if task.task_spec.manual
        ]
        for task in self._workflow.event_manager.tasks.values():
            if task.state == TaskState.WAITING:
                found += _event_waits(task)
        return found

    def complete(self, token: UUID) -> None:
        """The task at which it waits with `token` is done."""
        task = self._workflow.get_task_from_id(token)
        task.run()
        self._passed(task.task_spec.bpmn_id)
        self.go()

    def fire(self, step: str) -> None:
        """The timer at `step` has come."""
        self._catch(_DayTimer(step, ""))

    def receive(self, message: str) -> None:
        """The message has come."""
        self._catch(MessageEventDefinition(message))

    def _catch(self, definition: EventDefinition) -> None:
        self._workflow.event_manager.catch(BpmnEvent(definition, payload={}), internal=False)
        self.go()


def _event_waits(task: Task) -> list[Wait]:
    """What a waiting event waits for; a gateway between events, for each of them."""
    definition = task.task_spec.event_definition
    if isinstance(definition, MultipleEventDefinition):
        steps = [output.bpmn_id for output in task.task_spec.outputs]
        return [_event_wait(each, step, task) for each, step in zip(definition.event_definitions, steps, strict=True)]
    return [_event_wait(definition, task.task_spec.bpmn_id, task)]


def _event_wait(definition: EventDefinition, step: str, task: Task) -> Wait:
    if isinstance(definition, _DayTimer):
        return Wait("timer", step, task.id, expression=definition.expression)
    return Wait("message", step, task.id, message=definition.name)
