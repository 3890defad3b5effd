"""What stands beside a drawing: who does each task, by when and in which form, and which events start and move it.

A process is a folder with, for each of its versions, the drawing `v1.bpmn` and this definition `v1.json`
(docs/workflows.md). A version that was ever started is never changed: what is new is the next version.
"""

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, StringConstraints, model_validator

from schemas.organisation import Role
from schemas.values import Value
from schemas.workflows import Kind, Ordinal, ProcessKey, StepId

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""What a field or a value is called in forms, conditions and templates."""
Condition = Annotated[str, StringConstraints(min_length=1, max_length=500)]
"""An expression (`expressions`)."""
Family = Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z]+(-[a-z]+)*$")]
Template = dict[str, Any]
"""Data in which `{name}` stands for a value (`templates`)."""
ANYBODY = "*"
ROLES: tuple[str, ...] = get_args(Role)


class Text(Value):
    """The same words in both languages."""

    da: str
    en: str


class Choice(Value):
    """One of the answers to a field."""

    value: str
    text: Text


class FormField(Value):
    """One thing a form asks for. `date` is ISO 8601, `number` and `amount` (DKK) are decimals without separators.

    `at_most` is how many characters a text may have, where what is made of it holds no more.
    """

    name: Name
    label: Text
    type: Literal["text", "choice", "boolean", "number", "amount", "date"] = "text"
    required: bool = False
    choices: tuple[Choice, ...] = ()
    at_most: Annotated[int, Field(ge=1)] | None = None
    help: Text | None = None

    @model_validator(mode="after")
    def _choices_for_a_choice(self) -> "FormField":
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("a field of type `choice` has `choices`, and no other has")
        return self


class TaskRule(Value):
    """Who may do a user task, by when, and what it asks for.

    `roles` are roles of the organisation; a name that is none of them is the title of a role `other`. One must hold it
    for what one of the values in `held_for` names (`{"contract": "contract"}`: a value by kind), or for anything when
    that is empty. `recommend` may say what they would decide: roles as above, or `*` for everybody with a role there.
    `working_days` is how long it may take.
    """

    roles: tuple[str, ...] = Field(min_length=1)
    held_for: dict[Kind, Name] = Field(default_factory=dict)
    recommend: tuple[str, ...] = ()
    working_days: Annotated[int, Field(ge=1)] | None = None
    form: Name


class Start(Value):
    """An event that starts the process, for the business key `key` (a template), when `when` holds."""

    event: Family
    when: Condition | None = None
    key: str = "{subject}"
    values: Template = Field(default_factory=dict)


class Message(Value):
    """An event that moves instances on: those whose value `equals` (their business key by default) is `key`."""

    event: Family
    when: Condition | None = None
    key: str = "{subject}"
    equals: Name = "business_key"
    values: Template = Field(default_factory=dict)


class Told(Value):
    """An event that a service task tells, all of it templates over the instance's values."""

    type: Family
    subject: str
    data: Template


class Service(Value):
    """What a service task does: gives values to the instance, and tells events. Nothing else."""

    set: dict[Name, str | int | bool] = Field(default_factory=dict)
    tell: tuple[Told, ...] = ()


class Definition(Value):
    """One version of a process, beside its drawing.

    `one_at_a_time`: while it runs for a business key it is not started again for that. `due` is a template of the day
    by which it should be over. `english` names the drawing's elements; the drawing itself is in Danish.
    """

    key: ProcessKey
    version: Ordinal
    title: Text
    one_at_a_time: bool = True
    by_hand: tuple[str, ...] = ()
    due: str | None = None
    starts: tuple[Start, ...] = ()
    messages: dict[str, tuple[Message, ...]] = Field(default_factory=dict)
    tasks: dict[StepId, TaskRule] = Field(default_factory=dict)
    forms: dict[Name, tuple[FormField, ...]] = Field(default_factory=dict)
    services: dict[StepId, Service] = Field(default_factory=dict)
    english: dict[StepId, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _forms_are_there(self) -> "Definition":
        if missing := sorted({task.form for task in self.tasks.values()} - set(self.forms)):
            raise ValueError(f"tasks name forms that are not defined: {', '.join(missing)}")
        return self
