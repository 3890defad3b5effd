"""What people decide and say about projects: events like all others, refused when the project has moved meanwhile.

A person is a principal of kind `person`; its name is the id by which the organisation register knows who holds what.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import orjson
from sqlalchemy import select

from access.principals import HUB, Principal
from consumers.runtime.coverage import Observed, observe, wait_for
from consumers.runtime.projections import use_active
from kernel.clock import COPENHAGEN, Clock
from kernel.errors import Conflict, Forbidden, Invalid, Retryable
from kernel.ids import new_id
from producers.accept import Acceptor
from producers.store import stands_at
from producers.tables import EVENT
from schemas import portfolio as said
from schemas.envelope import CloudEvent
from schemas.hub import Actor
from schemas.values import Value
from storage.database import Database

from .checks import Ask, require_allowed
from .consumer import PORTFOLIO
from .dossier import FACTS, Dossier
from .loading import View
from .offices import Offices

SOURCE = "urn:samspil:portfolio"
STATEMENTS: dict[type[Value], str] = {
    said.Project: "project-stated",
    said.BusinessCase: "business-case-stated",
    said.Benefits: "benefits-stated",
    said.Resources: "resources-stated",
}
_NAMES = {model: name for name, model in FACTS.items()} | STATEMENTS


class Decided(NamedTuple):
    """What was stored: the project, the event, and the position at which the project stands now."""

    project: str
    event: str
    position: int


class Seen(NamedTuple):
    """A project's file, the authority's roles and models, and the position of its last event: what decides is bound
    to."""

    dossier: Dossier
    offices: Offices
    position: int


@dataclass(frozen=True)
class Desk:
    """Where people's decisions about projects are taken."""

    acceptor: Acceptor
    database: Database
    clock: Clock

    def propose(
        self,
        principal: Principal,
        authority: str,
        project: said.Project,
        *,
        subject: str | None = None,
        by: Actor | None = None,
    ) -> Decided:
        """Open a project; `subject` is its UUID when it has one already. Raises Forbidden, Conflict, Invalid."""
        person = _person(principal, authority, "proposed", by)
        return self._accept(person, authority, subject or new_id(), said.Proposed(project=project), seen=0)

    def say(
        self,
        principal: Principal,
        authority: str,
        project: str,
        value: Value,
        *,
        seen: int,
        by: Actor | None = None,
    ) -> Decided:
        """Decide, report or state: `value` is the data of any fact in `dossier.FACTS` but a proposal, or of a
        statement in `STATEMENTS`; its `by` becomes the person.

        `seen` is the position of the project that the person looked at; `by` is for the local command line, which says
        whom it writes for. Raises Forbidden without agreement or role,
        Conflict when somebody was first (and says who), Invalid for what the model does not allow.
        """
        name = _NAMES[type(value)]
        person = _person(principal, authority, name, by)
        found = self.look(authority, project)
        if found.position != seen:
            raise self._somebody_was_first(authority, project, seen)
        person = Actor(id=person.id, name=found.offices.name_of(person.id) or person.name)
        require_allowed(Ask(found.dossier, found.offices, person, self.today(), name, value))
        return self._accept(person, authority, project, value, seen=seen)

    def look(self, authority: str, project: str) -> Seen:
        """The project as it stands in the store. Raises Invalid for one that is none, Retryable when the projection is
        behind for long."""
        position = self._position(authority, project)
        if position == 0:
            raise Invalid(f"there is no project {project}", hint="`samspil portfolio` lists them with their ids")
        self._wait(authority)
        with self.database.reading((authority,)) as connection:
            use_active(connection, PORTFOLIO.name)
            view = View(connection, authority, self.today())
            dossier = view.dossiers((project,)).get(project, Dossier(id=project))
            return Seen(dossier, view.offices(), position)

    def today(self) -> date:
        """The civil day in Denmark."""
        return self.clock.now().astimezone(COPENHAGEN).date()

    def _accept(self, person: Actor, authority: str, project: str, value: Value, *, seen: int) -> Decided:
        fact = _NAMES[type(value)]
        said_so = value.model_copy(update={"by": person}) if "by" in type(value).model_fields else value
        event = CloudEvent(
            id=new_id(),
            source=SOURCE,
            type=f"dk.samspil.portfolio.{fact}.v1",
            subject=project,
            authority=authority,
            time=self.clock.now(),
            data=said_so.model_dump(mode="json", exclude_none=True),
        )
        try:
            (stored,) = self.acceptor.accept([event], HUB, expect={project: seen})
        except Conflict:
            raise self._somebody_was_first(authority, project, seen) from None
        return Decided(project, event.id, stored.position or seen)

    def _position(self, authority: str, project: str) -> int:
        with self.database.reading((authority,)) as connection:
            return stands_at(connection, authority, project)

    def _wait(self, authority: str) -> None:
        """Until the projection has what the store holds now of the authority's projects and roles."""
        with self.database.glance() as connection:
            head = _head(observe(connection), authority)
        if not wait_for(self.database, PORTFOLIO, authority, head):
            raise Retryable("the portfolio is behind the store", hint="`samspil status` shows what it waits for")

    def _somebody_was_first(self, authority: str, project: str, seen: int) -> Conflict:
        query = (
            select(EVENT.c.type, EVENT.c.payload, EVENT.c.time)
            .where(EVENT.c.authority == authority, EVENT.c.subject == project, EVENT.c.position > seen)
            .order_by(EVENT.c.position)
            .limit(1)
        )
        with self.database.reading((authority,)) as connection:
            first = connection.execute(query).first()
        if first is None:
            return Conflict(f"the project does not stand at {seen}", hint="read it again and decide anew")
        by = orjson.loads(first.payload or "{}").get("by") or {}
        who, what = by.get("name") or by.get("id") or "a source", first.type.split(".")[3]
        return Conflict(
            f"{who} was first: {what} at {first.time.astimezone(COPENHAGEN):%Y-%m-%d %H:%M}",
            hint="read the project again and decide anew",
        )


def _head(observed: Observed, authority: str) -> int:
    """The last position that concerns the authority's portfolio."""
    domains = PORTFOLIO.domains
    mine = (head.position for head in observed.heads if head.authority == authority and head.domain in domains)
    return max(mine, default=0)


def _person(principal: Principal, authority: str, name: str, by: Actor | None) -> Actor:
    """Who speaks. Raises Forbidden for a principal that is no person, or has no agreement to say this."""
    if principal.kind != "person" and not principal.local:
        raise Forbidden(
            f"{principal.name} is no person; people decide here",
            hint="`samspil access key add NAME --person` makes a key; source systems send events",
        )
    principal.require("send", authority, f"portfolio.{name}")
    return by if by and principal.local else Actor(id=principal.name, name=principal.name)
