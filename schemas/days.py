"""Time as an event: a day has begun, so that a replay judges as the first run did."""

from datetime import date

from .catalogue import EventType
from .values import Value


class DayStarted(Value):
    """A civil day has begun in Denmark (Europe/Copenhagen). Today is the authority's last started day."""

    date: date


EVENTS: tuple[EventType, ...] = (
    EventType(
        domain="time",
        fact="day-started",
        model=DayStarted,
        owner="hub",
        key="the authority's calendar",
        sensitivity="public",
        sample={"date": "2026-03-02"},
    ),
)
