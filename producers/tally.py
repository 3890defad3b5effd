"""What this process took in and refused since it started, for the metrics."""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from kernel.errors import Conflict, Forbidden, Invalid

_REASONS = ((Forbidden, "forbidden"), (Conflict, "conflict"), (Invalid, "invalid"))


class Tally:
    """Counts events by what became of them: accepted, duplicate, unchanged, or why they were refused."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter(accepted=0, duplicate=0, unchanged=0)
        self._refused: Counter[str] = Counter(invalid=0, forbidden=0, conflict=0)

    def take(self, statuses: Iterable[str]) -> None:
        with self._lock:
            self._taken.update(statuses)

    def refuse(self, error: BaseException, events: int) -> None:
        """Count what was refused; an error that passes, such as a database that is away, refuses nothing."""
        reason = next((name for kind, name in _REASONS if isinstance(error, kind)), None)
        if reason:
            with self._lock:
                self._refused[reason] += events

    @property
    def taken(self) -> Mapping[str, int]:
        with self._lock:
            return MappingProxyType(dict(self._taken))

    @property
    def refused(self) -> Mapping[str, int]:
        with self._lock:
            return MappingProxyType(dict(self._refused))
