"""One family of errors; the class decides what the runtime does with it.

Retryable waits and tries again, Invalid refuses or parks the one thing at fault, Fatal stops the process.
A message is for the person who gets it: what was wrong, where, and what to do about it. CPR numbers in it are masked
when it is made, so that it can be shown, logged and stored.
"""

from dataclasses import dataclass

from .masking import mask_message


class SamspilError(Exception):
    """Base of every error Samspil raises on purpose.

    `hint` says what the reader can do about it; it is shown on a line of its own.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = mask_message(message)
        self.hint = mask_message(hint)
        super().__init__(self.message)

    def __str__(self) -> str:
        return f"{self.message}\n  {self.hint}" if self.hint else self.message


class Retryable(SamspilError):
    """Something outside is away (database, broker, network); the same work may succeed later."""


class Fatal(SamspilError):
    """Going on would do harm (wrong store, everything fails, broken set-up); the process stops and says why."""


class Invalid(SamspilError):
    """The input at hand cannot be taken, now or later; it is refused or parked whole."""

    def __init__(self, message: str, *, hint: str = "", problems: "tuple[Problem, ...]" = ()) -> None:
        super().__init__(message, hint=hint)
        self.problems = problems

    def __str__(self) -> str:
        return "\n  ".join([super().__str__(), *map(str, self.problems)])


class WrongUse(Invalid):
    """A word on the command line is none of the known ones; the hint names them."""


class Forbidden(Invalid):
    """The principal is known, but no active agreement allows what it asked for."""


class Unauthenticated(Invalid):
    """No valid key came with the request."""


class Conflict(Invalid):
    """The same event id came with another body, or a subject has moved since the caller looked."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in an input: where it stands, what stands there, and what was expected."""

    where: str
    message: str
    value: str = ""

    def __post_init__(self) -> None:
        for name in ("where", "message", "value"):
            object.__setattr__(self, name, mask_message(getattr(self, name)))

    def __str__(self) -> str:
        shown = f" (got {self.value!r})" if self.value else ""
        return f"{self.where}: {self.message}{shown}"
