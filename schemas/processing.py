"""Processing: data-processing agreements (GDPR article 28), their sub-processors and the supervision of them.

The subject of an agreement is the relation between the authority and one processor; the subject of a supervision is
one planned or held supervision of it. That something is not needed is a valid state when it says why.
"""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from .catalogue import EventType, removal_of
from .values import FreeText, LocalId, Name, Party, Reference, Value

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2 code."""
Reason = Annotated[FreeText, Field(min_length=1)]


class SubProcessor(Value):
    """Somebody the processor lets handle the data: where, for what, and on what basis outside the EU (chapter V)."""

    party: Party
    task: FreeText | None = None
    country: Country
    transfer_basis: Literal["adequacy", "standard-clauses", "binding-rules", "derogation"] | None = None
    approved_on: date | None = None


class DataProcessingAgreement(Value):
    """The agreement with one processor for some system usages.

    `state` is `missing` when one is needed and not made. `template` is the text it was made on, since an agreement on
    an old template must be made again. `supervise_every` is in months; without it no supervision was planned.
    """

    local_id: LocalId
    title: Name
    state: Literal["concluded", "missing", "not-needed"]
    not_needed_because: Reason | None = None
    processor: Reference | None = None
    contract: Reference | None = None
    usages: tuple[Reference, ...] = ()
    signed_on: date | None = None
    template: Name | None = None
    data_kinds: tuple[Literal["personal", "sensitive", "criminal", "cpr-number"], ...] = ()
    sub_processors: tuple[SubProcessor, ...] = ()
    supervise_every: Annotated[int, Field(ge=1, le=120)] | None = None
    supervision_not_needed_because: Reason | None = None

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if (self.state == "not-needed") != (self.not_needed_because is not None):
            raise ValueError("give not_needed_because when, and only when, state is not-needed")
        if self.state == "concluded" and self.processor is None:
            raise ValueError("a concluded agreement names its processor")
        if self.supervise_every and self.supervision_not_needed_because:
            raise ValueError("supervision is either planned (supervise_every) or not needed, not both")
        return self


class Supervision(Value):
    """One supervision of a processor: due, then held with a result, or not needed this time with a reason."""

    local_id: LocalId
    agreement: Reference
    due_on: date
    held_on: date | None = None
    method: Literal["self-declaration", "audit-report", "questionnaire", "inspection"] | None = None
    result: Literal["satisfactory", "remarks", "unsatisfactory"] | None = None
    remarks: FreeText | None = None
    report: LocalId | None = None
    not_needed_because: Reason | None = None

    @model_validator(mode="after")
    def _held_or_not(self) -> Self:
        if self.result is not None and self.held_on is None:
            raise ValueError("a supervision with a result has a date it was held: fill in held_on")
        if self.held_on is not None and self.not_needed_because is not None:
            raise ValueError("a supervision that was held cannot be not needed as well")
        return self


AGREEMENT_STATED = EventType(
    domain="processing",
    fact="agreement-stated",
    model=DataProcessingAgreement,
    owner="data protection register",
    key="data-processing agreement",
    state=True,
    sample={
        "local_id": "DBA-2023-017",
        "title": "SagsArk, data-processing agreement",
        "state": "concluded",
        "processor": {"id": "0d1f7a52-6c1b-4c57-9d0a-3f5b8f4e2001", "name": "Skovsøen Digital A/S"},
        "contract": {"id": "7b1d3c0e-58a4-4f0e-8b57-1f6a2d9c3001", "name": "SagsArk, case and document system"},
        "usages": [{"id": "3e9a6b44-0f0c-4c2d-a2c4-5d7e8f901001", "name": "SagsArk"}],
        "signed_on": "2023-11-20",
        "template": "Datatilsynet, standard contractual clauses, January 2020",
        "data_kinds": ["personal", "cpr-number"],
        "sub_processors": [
            {
                "party": {"vat_id": "IE9999017X", "name": "Kildemark Cloud Ltd"},
                "task": "Hosting of documents",
                "country": "IE",
                "approved_on": "2023-11-20",
            }
        ],
        "supervise_every": 12,
    },
)
SUPERVISION_STATED = EventType(
    domain="processing",
    fact="supervision-stated",
    model=Supervision,
    owner="data protection register",
    key="supervision",
    state=True,
    sample={
        "local_id": "TILSYN-2025-017",
        "agreement": {"id": "5c2f8e10-7d3b-4a9e-9c61-2b8d4f7a4001", "name": "SagsArk, data-processing agreement"},
        "due_on": "2025-11-30",
        "held_on": "2025-11-12",
        "method": "audit-report",
        "result": "remarks",
        "remarks": "Access logs are kept for three months; six were agreed.",
        "report": "ISAE 3000, 2025",
    },
)

EVENTS = (
    AGREEMENT_STATED,
    removal_of(AGREEMENT_STATED),
    SUPERVISION_STATED,
    removal_of(SUPERVISION_STATED),
)
