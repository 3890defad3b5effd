"""How an alert stands after what was found and what people did; pure."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

Fact = Literal["opened", "changed", "resolved", "acknowledged", "decided", "silenced"]
Status = Literal["open", "acknowledged", "resolved"]


class Told(NamedTuple):
    """A fact about an alert, and the hash of the values that were found or decided about; none when acknowledged."""

    fact: Fact
    values_hash: str | None = None


class Standing(NamedTuple):
    """`decision` is the number, in the history, of the decision that closes the alert, else of the last one.

    An open alert with a decision was closed by it before and has opened again, because other values are found.
    """

    status: Status
    decision: int | None = None


def standing(history: Sequence[Told]) -> Standing | None:
    """How an alert stands after its history; None when nothing was found yet.

    A decision holds for its values, so it closes the alert whenever those are what is found. Who acknowledged an alert
    did so until it is decided or opened anew.
    """
    found = next((told for told in reversed(history) if told.fact not in ("acknowledged", "decided", "silenced")), None)
    if found is None:
        return None
    decisions = [number for number, told in enumerate(history) if told.fact == "decided"]
    holding = [number for number in decisions if history[number].values_hash == found.values_hash]
    decision = max(holding or decisions, default=None)
    if found.fact == "resolved" or holding:
        return Standing("resolved", decision)
    turns = [told.fact for told in history if told.fact in ("opened", "decided", "acknowledged")]
    return Standing("acknowledged" if turns and turns[-1] == "acknowledged" else "open", decision)
