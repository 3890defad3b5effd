"""The portfolio over HTTP: people propose projects, decide about them and report, each under their own key.

A decision carries `seen`, the position at which the project stood when the person looked: `GET` the project for it.
"""

from collections.abc import Callable
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Request
from pydantic import ValidationError

from access.bearer import principal_of
from access.principals import Principal
from kernel.clock import Clock
from kernel.errors import Forbidden, Invalid
from producers.accept import Acceptor
from schemas import portfolio as said
from schemas.catalogue import Json, problems_of
from schemas.values import Cvr, Value
from storage.database import Database

from .deciding import STATEMENTS, Decided, Desk
from .dossier import FACTS, Dossier, missing_evidence
from .offices import Offices

Sent = Annotated[dict[str, Any], Body()]
PATHS: dict[str, type[Value]] = {
    "scores": said.ScoresGiven,
    "recommendation": said.Recommended,
    "approval": said.Approved,
    "rejection": said.Rejected,
    "gates": said.GatePassed,
    "evidence": said.EvidenceFiled,
    "status": said.StatusReported,
    "measurements": said.BenefitMeasured,
    "closing": said.Closed,
    "description": said.Project,
    "business-case": said.BusinessCase,
    "benefits": said.Benefits,
    "resources": said.Resources,
}
"""What is posted about a project, by the last part of the path, and the data of the event it becomes."""


def router(acceptor: Acceptor, database: Database, clock: Clock) -> APIRouter:
    """The endpoints of people who work with projects; each needs a person's key and an agreement."""
    desk = Desk(acceptor, database, clock)

    def caller(request: Request) -> Principal:
        return principal_of(database, request.headers.get("authorization"))

    made = APIRouter(prefix="/portfolio/{authority}/projects", tags=["portfolio"], dependencies=[Depends(caller)])

    @made.post("", status_code=201)
    def propose(authority: Cvr, body: Sent, person: Annotated[Principal, Depends(caller)]) -> Json:
        """Propose a project; the answer has its id and the position to decide from."""
        return desk.propose(person, authority, _read(said.Project, body))._asdict()

    @made.get("/{project}")
    def project(authority: Cvr, project: UUID, person: Annotated[Principal, Depends(caller)]) -> Json:
        """The project as it stands, with the position to decide from."""
        _require_reader(person, authority)
        found = desk.look(authority, str(project))
        return _shown(found.dossier, found.offices, desk) | {"seen": found.position}

    for path, model in PATHS.items():
        made.post(f"/{{project}}/{path}", status_code=201, name=path)(_endpoint(desk, caller, model))
    return made


def _endpoint(desk: Desk, caller: Callable[[Request], Principal], model: type[Value]) -> Callable[..., Json]:
    def say(
        authority: Cvr, project: UUID, seen: int, body: Sent, person: Annotated[Principal, Depends(caller)]
    ) -> Json:
        decided: Decided = desk.say(person, authority, str(project), _read(model, body), seen=seen)
        return decided._asdict()

    say.__doc__ = model.__doc__
    return say


def _read(model: type[Value], body: Json) -> Any:
    """The body as the data of its event. Raises Invalid; who says it is known by the key."""
    if "by" in body:
        raise Invalid("who decides is known by the key", hint="leave `by` out")
    try:
        return model.model_validate(body)
    except ValidationError as error:
        raise Invalid("the data does not fit", problems=problems_of(error, "body")) from None


def _require_reader(person: Principal, authority: str) -> None:
    families = [f"portfolio.{name}" for name in (*FACTS, *STATEMENTS.values())]
    if not any(grant.covers(grant.direction, authority, family) for grant in person.grants for family in families):
        raise Forbidden(f"{person.name} has no active agreement with {authority} about its portfolio")


def _shown(dossier: Dossier, offices: Offices, desk: Desk) -> Json:
    model = offices.adopted(desk.today()).model
    phase = dossier.phase(model)
    gate = None if dossier.closed else model.gate_out_of(phase)
    return {
        "id": dossier.id,
        "project": _plain(dossier.project),
        "standing": dossier.standing,
        "phase": phase,
        "next_gate": gate.id if gate else None,
        "missing": missing_evidence(gate, dossier, model) if gate else (),
        "business_case": _plain(dossier.business_case),
        "benefits": [_plain(benefit) for benefit in dossier.benefits],
        "facts": [{"fact": fact.name, "day": fact.day, "data": _plain(fact.value)} for fact in dossier.facts],
    }


def _plain(value: Value | None) -> Json | None:
    return value.model_dump(mode="json", exclude_none=True) if value else None
