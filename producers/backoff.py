"""How long to wait before trying again."""

from dataclasses import dataclass


@dataclass
class Backoff:
    """Pauses in seconds that double from `first` up to `longest`, until something succeeds."""

    first: float = 0.1
    longest: float = 5.0
    _next: float = 0.0

    def pause(self) -> float:
        """The pause to make now; the next one is longer."""
        now = self._next or self.first
        self._next = min(now * 2, self.longest)
        return now

    def reset(self) -> None:
        """Something succeeded: the next pause is the first again."""
        self._next = 0.0
