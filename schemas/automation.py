"""Rules as data: when this event with these properties is told, then emit that event, start that process, tell these.

A rule is adopted by a person, version by version, and holds for events that were recorded after it, on days from its
`effective` until it is withdrawn. What it says is data alone: conditions from a closed list of operators, and templates
of literals in which `${path}` stands for what the event says there.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from kernel.ids import derived_id
from kernel.masking import mask_message

from .alerts import Code
from .catalogue import EventType, Json
from .hub import Actor, EventKey, Reason
from .organisation import Role
from .values import FreeText, LocalId, Name, PersonId, Reference, Sensitivity, Value
from .workflows import ProcessKey

Family = Annotated[str, StringConstraints(pattern=r"^[a-z]+\.[a-z]+(-[a-z]+)*$", max_length=100)]
"""An event type without its version, such as `case.case-stated`."""
TypeName = Annotated[str, StringConstraints(pattern=r"^dk\.samspil\.[a-z]+\.[a-z]+(-[a-z]+)*\.v[1-9]\d*$")]
"""An event type with its version."""
_STEP = r"[A-Za-z0-9_-]+"
PATH = rf"(?:authority|source|subject|type|day|(?:data|reference|derived)(?:\.{_STEP})+)"
Path = Annotated[str, StringConstraints(pattern=rf"^{PATH}$", max_length=200)]
"""Where in an event: `subject`, `source`, `authority`, `type` (its family), `day` (of its time, in Denmark),
`data.<field>.<field>`, and `reference.<kind>`, the id of that evidence of an alert. A list on the way stands for each
of its entries, unless a number says which (the first is 0). In templates `derived.<label>` is a UUID that belongs to
the rule, the event's subject and the label: for something new."""
Operator = Literal[
    "equals",
    "not-equals",
    "one-of",
    "starts-with",
    "contains",
    "less-than",
    "at-most",
    "at-least",
    "more-than",
    "exists",
    "absent",
]
"""How a condition compares: numbers as numbers, all else as text; ISO dates sort as text. Where the path leads to
several values, one that fits is enough; with `not-equals` none may be equal."""
Scalar = bool | int | LocalId


class Condition(Value):
    """One thing that must be so. `exists` and `absent` compare with nothing, `one-of` with a list."""

    path: Path
    operator: Operator = "equals"
    value: Scalar | tuple[Scalar, ...] | None = None

    @model_validator(mode="after")
    def _compares_with_what_it_can(self) -> "Condition":
        given = {tuple: "list", type(None): "nothing"}.get(type(self.value), "one")
        wanted = {"one-of": "list", "exists": "nothing", "absent": "nothing"}.get(self.operator, "one")
        if given != wanted or self.value == ():
            raise ValueError(f"{self.operator} compares with {_WORDS[wanted]}")
        return self


_WORDS = {"one": "one text or whole number", "list": "a list of texts or whole numbers", "nothing": "nothing"}


def _template(value: Any) -> Any:
    """A template of JSON; CPR numbers in its texts are masked. Raises ValueError for what JSON cannot say exactly."""
    match value:
        case str():
            if len(value) > 20_000:
                raise ValueError("a text has at most 20000 characters")
            return mask_message(value)
        case float():
            raise ValueError("write amounts as a string, so that no decimal is lost")
        case dict():
            return {str(name): _template(part) for name, part in value.items()}
        case list() | tuple():
            return [_template(part) for part in value]
        case None | bool() | int():
            return value
        case _:
            raise ValueError("a template is made of JSON values")


Template = Annotated[Json, AfterValidator(_template)]
"""An object whose texts may hold `${path}`: alone it stands for the value as it is, and for nothing when there is none;
within other text for the value as text."""
Written = Annotated[FreeText, StringConstraints(min_length=1)]
"""A text that may hold `${path}`."""


class Emit(Value):
    """Tell an event of this type about `subject`; the data are checked by the type's model when it is told."""

    action: Literal["emit"]
    type: TypeName
    subject: Written = "${subject}"
    data: Template


class Start(Value):
    """Ask for a process to be started for a business key, with these values."""

    action: Literal["start"]
    process: ProcessKey
    business_key: Written = "${subject}"
    values: Template = Field(default_factory=dict)


class Tell(Value):
    """Tell one person, or whoever holds a role, in words."""

    action: Literal["tell"]
    role: Role | None = None
    person: PersonId | None = None
    title: Written
    text: FreeText = ""

    @model_validator(mode="after")
    def _tells_somebody(self) -> "Tell":
        if (self.role is None) == (self.person is None):
            raise ValueError("names either a role or a person")
        return self


Action = Annotated[Emit | Start | Tell, Field(discriminator="action")]


class Trigger(Value):
    """Which events set a rule off: those of a family for which every condition holds."""

    event: Family
    conditions: tuple[Condition, ...] = ()


class Rule(Value):
    """A rule as it was adopted. `version` counts from 1; a newer one takes the older one's place."""

    code: Code
    version: Annotated[int, Field(ge=1)]
    title: Name
    when: Trigger
    then: Annotated[tuple[Action, ...], Field(min_length=1, max_length=10)]
    by: Actor


class Withdrawn(Value):
    """The rule holds no longer."""

    reason: Reason
    by: Actor


class OfRule(Value):
    """What came of a rule: which version, which of its actions (1 is the first), and the event that set it off."""

    rule: Reference
    version: Annotated[int, Field(ge=1)]
    action: Annotated[int, Field(ge=1)]
    cause: EventKey


class Notice(OfRule):
    """A rule tells a person, or whoever holds a role. It is about the subject of the event that set it off."""

    role: Role | None = None
    person: PersonId | None = None
    title: Name
    text: FreeText = ""


class ActionFailed(OfRule):
    """What a rule should have done could not be done: the template does not make what its type asks for."""

    reason: Reason


def rule_id(authority: str, code: str) -> str:
    """The subject of the authority's rule with this code, as UUID text."""
    return derived_id("rule", authority, code)


_BY: Json = {"id": "kali", "name": "Karen Lindholt"}
_CASE = "8d5c0000-0000-4000-8000-000000000001"
_OF_RULE: Json = {
    "rule": {"id": rule_id("99000007", "case.decided"), "name": "Afgjorte sager om hjælp"},
    "version": 2,
    "action": 3,
    "cause": {"authority": "99000007", "source": "urn:egesoe:cases", "id": "case-118-4"},
}


def _type(fact: str, model: type[Value], sample: Json, sensitivity: Sensitivity, *, rule: bool) -> EventType:
    return EventType(
        domain="automation",
        fact=fact,
        model=model,
        owner="automation",
        key="rule, the UUID of its code" if rule else "what the event is about that set the rule off",
        sensitivity=sensitivity,
        state=rule,
        uuid_subject=rule,
        sample=sample,
    )


EVENTS: tuple[EventType, ...] = (
    _type(
        "rule-adopted",
        Rule,
        {
            "code": "case.decided",
            "version": 2,
            "title": "Afgjorte sager om hjælp",
            "when": {
                "event": "case.case-stated",
                "conditions": [
                    {"path": "data.kle_subject", "operator": "starts-with", "value": "27.36"},
                    {"path": "data.state", "operator": "equals", "value": "decided"},
                ],
            },
            "then": [
                {
                    "action": "emit",
                    "type": "dk.samspil.case.journal-entry-stated.v1",
                    "subject": "${derived.entry}",
                    "data": {
                        "case": "${subject}",
                        "number": "R-1",
                        "title": "Afgjort: ${data.number}",
                        "direction": "internal",
                        "entered_on": "${day}",
                    },
                },
                {"action": "start", "process": "errand", "values": {"number": "${data.number}"}},
                {"action": "tell", "role": "unit-manager", "title": "Sag ${data.number} er afgjort"},
            ],
            "by": _BY,
        },
        "personal",
        rule=True,
    ),
    _type("rule-withdrawn", Withdrawn, {"reason": "Gøres i fagsystemet", "by": _BY}, "personal", rule=True),
    _type(
        "notice",
        Notice,
        {**_OF_RULE, "role": "unit-manager", "title": "Sag 27.36.04-G01-118-26 er afgjort"},
        "sensitive",
        rule=False,
    ),
    _type(
        "action-failed",
        ActionFailed,
        {**_OF_RULE, "reason": f"data.title: Field required, about {_CASE}"},
        "internal",
        rule=False,
    ),
)
