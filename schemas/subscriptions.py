"""What the hub tells of its subscribers: when deliveries to one stop, and when they go on."""

from typing import Annotated, Literal

from pydantic import Field

from .catalogue import EventType
from .hub import Actor, Position, Reason
from .values import Value

Way = Literal["webhook", "sse", "pull", "email"]


class SubscriptionPaused(Value):
    """Deliveries to a subscriber have stopped: `attempts` were made for the event at `position`, or a person said so.

    Its address and what was to be delivered are not repeated.
    """

    principal: Actor
    way: Way
    position: Position
    attempts: Annotated[int, Field(ge=0)]
    reason: Reason
    by: Actor | None = None


class SubscriptionResumed(Value):
    """Deliveries to a subscriber go on, with the first event after `position`."""

    principal: Actor
    way: Way
    position: Position
    by: Actor


_SUBSCRIBER = {"id": "5e0f0000-0000-4000-8000-000000000003", "name": "Ledelsesinformation"}
_KEY = "the subscription"

EVENTS: tuple[EventType, ...] = (
    EventType(
        domain="hub",
        fact="subscription-paused",
        model=SubscriptionPaused,
        owner="hub",
        key=_KEY,
        sensitivity="internal",
        sample={
            "principal": _SUBSCRIBER,
            "way": "webhook",
            "position": 48213,
            "attempts": 10,
            "reason": "the receiver answered 503",
        },
    ),
    EventType(
        domain="hub",
        fact="subscription-resumed",
        model=SubscriptionResumed,
        owner="hub",
        key=_KEY,
        sensitivity="personal",
        sample={
            "principal": _SUBSCRIBER,
            "way": "webhook",
            "position": 48212,
            "by": {"id": "mette.holm", "name": "Mette Holm"},
        },
    ),
)
