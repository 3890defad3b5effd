"""What subscribers ask of the API, and who may decide; without any framework."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import Field
from sqlalchemy import Connection

from access.principals import Principal
from access.telling import Tell
from kernel.clock import Clock
from kernel.errors import Forbidden
from schemas.catalogue import Catalogue
from schemas.hub import Actor
from schemas.subscriptions import Way
from schemas.values import Cvr, FreeText, Sensitivity, Value
from storage.database import Database

from .guard import Guard
from .signing import secret, shown
from .subscriptions import Subscription, subscription
from .waking import Waking

DECIDES = "hub.agreement-changed"
"""Who may send this of an authority, and is a person, decides on its agreements."""
T = TypeVar("T")


class AgreementAsked(Value):
    """An agreement to receive that the caller asks for."""

    authority: Cvr
    types: tuple[str, ...]
    purpose: FreeText = ""
    max_sensitivity: Sensitivity = "internal"


class SubscriptionAsked(Value):
    """A subscription the caller makes for itself; it begins after position `after`, else with what comes now."""

    authority: Cvr
    types: tuple[str, ...]
    way: Way
    address: str | None = None
    after: Annotated[int, Field(ge=0, lt=2**63)] | None = None


class Acknowledged(Value):
    """Everything up to `position` of the batch that was handed out under `lease` is done."""

    lease: str
    position: Annotated[int, Field(ge=0)]


class Replayed(Value):
    """Deliver again what is stored after this position."""

    after: Annotated[int, Field(ge=0)]


@dataclass(frozen=True)
class Subscribers:
    """What the endpoints work with."""

    database: Database
    catalogue: Catalogue
    clock: Clock
    guard: Guard
    key: Callable[[], bytes]
    tell: Tell
    waking: Waking

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Work in a transaction of its own, in a thread."""

        def transaction() -> T:
            with self.database.worker.begin() as connection:
                return work(connection)

        return await asyncio.to_thread(transaction)

    async def change(self, id_: str, caller: Principal, work: Callable[[Connection, Subscription, Actor], Any]) -> None:
        """Do something with one of the caller's subscriptions."""
        by = Actor(id=caller.id, name=caller.name)
        await self.transact(lambda connection: work(connection, own(connection, id_, caller), by))

    def secret_of(self, one: Subscription) -> str:
        return shown(secret(self.key(), one.id, one.secret_number))


def own(connection: Connection, id_: str, caller: Principal) -> Subscription:
    """The caller's subscription. Raises Forbidden for somebody else's, Invalid for none."""
    found = subscription(connection, id_)
    if found.principal != caller.id:
        raise Forbidden("the subscription is somebody else's")
    return found


def may_decide(caller: Principal, authority: str) -> bool:
    """Whether the caller is a person who decides on the authority's agreements."""
    covered = any(grant.covers("send", authority, DECIDES) for grant in caller.grants)
    return caller.kind == "person" and covered
