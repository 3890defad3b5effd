"""What becomes of an event that is sent, judged against the simplest telling of the rule."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from producers.verdict import Fingerprint, Verdict, fingerprint, judge
from schemas.envelope import Event
from schemas.registry import CATALOGUE

STATE, FACT = "dk.samspil.organisation.unit-stated.v1", "dk.samspil.hub.conflict.v1"
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Sent(NamedTuple):
    """An event as a source may send it: few ids, subjects and bodies, so that they meet."""

    id: str
    subject: str
    body: str
    dated: bool = False
    type: str = STATE

    @property
    def event(self) -> Event:
        effective = date(2026, 1, 1) if self.dated else None
        return Event("99000007", "urn:test", self.id, self.type, self.subject, AT, self.body.encode(), effective)


SENT = some.builds(
    Sent, some.sampled_from("12345"), some.sampled_from("pq"), some.sampled_from("AB"), some.booleans(),
    some.sampled_from([STATE, FACT]),
)  # fmt: skip
REQUESTS = some.lists(some.lists(SENT, min_size=1, max_size=4), max_size=6)


class Store:
    """What the store remembers, told the simplest way: bodies by id, and the last state by type and subject."""

    def __init__(self) -> None:
        self.bodies: dict[UUID, bytes] = {}
        self.states: dict[UUID, bytes] = {}
        self.stored: list[Sent] = []

    def take(self, requests: Sequence[Sequence[Sent]]) -> list[Verdict]:
        """One transaction."""
        prints = [[fingerprint(sent.event, CATALOGUE) for sent in request] for request in requests]
        verdicts = judge(prints, self.bodies, self.states)
        for request, group, verdict in zip(requests, prints, verdicts, strict=True):
            if verdict.taken:
                for sent, known, status in zip(request, group, verdict.statuses, strict=True):
                    self._keep(sent, known, status)
        return verdicts

    def _keep(self, sent: Sent, known: Fingerprint, status: str) -> None:
        if status == "duplicate":
            return
        self.bodies[known.key] = known.body
        if status == "accepted":
            self.stored.append(sent)
            if known.state is not None:
                self.states[known.state] = known.stated


def statuses(*requests: Sequence[Sent]) -> list[tuple[str, ...]]:
    return [verdict.statuses for verdict in Store().take(requests)]


@pytest.mark.guarantee
@given(requests=REQUESTS, cuts=some.lists(some.booleans(), min_size=6, max_size=6))
def test_transactions_do_not_show(requests: list[list[Sent]], cuts: list[bool]) -> None:
    """However requests are gathered into transactions, the same events are stored in the same order."""
    together, apart = Store(), Store()
    whole = together.take(requests)
    verdicts: list[Verdict] = []
    waiting: list[list[Sent]] = []
    for request, cut in zip(requests, cuts, strict=False):
        waiting.append(request)
        if cut:
            verdicts += apart.take(waiting)
            waiting = []
    verdicts += apart.take(waiting)
    assert apart.stored == together.stored
    assert verdicts == whole


@pytest.mark.guarantee
@given(requests=REQUESTS)
def test_requests_do_not_show_where_nothing_clashes(requests: list[list[Sent]]) -> None:
    """A source may send the same events one by one or in batches."""
    batched, single = Store(), Store()
    if any(verdict.clashes for verdict in batched.take(requests)):
        return
    single.take([[sent] for request in requests for sent in request])
    assert single.stored == batched.stored


@pytest.mark.guarantee
@given(requests=REQUESTS)
def test_sending_again_stores_nothing(requests: list[list[Sent]]) -> None:
    """What was taken is a duplicate ever after; what was refused is refused again."""
    store = Store()
    first = store.take(requests)
    stored = list(store.stored)
    again = store.take(requests)
    assert store.stored == stored
    assert [verdict.taken for verdict in again] == [verdict.taken for verdict in first]
    assert {status for verdict in again if verdict.taken for status in verdict.statuses} <= {"duplicate"}


@pytest.mark.guarantee
@given(requests=REQUESTS)
def test_what_is_stored_is_told_once(requests: list[list[Sent]]) -> None:
    """No id is stored twice, and an undated state never says what was said last."""
    store = Store()
    store.take(requests)
    ids = [sent.id for sent in store.stored]
    assert len(set(ids)) == len(ids)
    said: dict[str, str] = {}
    for sent in store.stored:
        if sent.type == STATE:
            assert sent.dated or said.get(sent.subject) != sent.body
            said[sent.subject] = sent.body


@pytest.mark.guarantee
def test_without_the_memory_of_ids_everything_is_stored_again() -> None:
    """Switched off: a store that forgets which ids it has taken takes them again."""
    store, request = Store(), [Sent("1", "p", "A", type=FACT)]
    store.take([request])
    store.bodies.clear()
    store.take([request])
    assert store.stored == request * 2


def test_a_then_b_then_a_are_three_events() -> None:
    """A state that comes back is news; the same state again is not."""
    sent = [Sent(str(number), "p", body) for number, body in enumerate("ABAA")]
    assert statuses(sent) == [("accepted", "accepted", "accepted", "unchanged")]


def test_a_dated_state_is_always_news() -> None:
    """Who states from when it holds says something new, also with the same body."""
    assert statuses([Sent("1", "p", "A"), Sent("2", "p", "A", dated=True)]) == [("accepted", "accepted")]


def test_a_fact_is_always_news() -> None:
    """What happened twice happened twice."""
    assert statuses([Sent("1", "p", "A", type=FACT), Sent("2", "p", "A", type=FACT)]) == [("accepted", "accepted")]


def test_an_id_with_another_body_refuses_its_request_alone() -> None:
    """Nothing of the request is taken, and the next one does not see it."""
    first, clashing, after = [Sent("1", "p", "A")], [Sent("2", "q", "B"), Sent("1", "p", "B")], [Sent("2", "q", "A")]
    store = Store()
    verdicts = store.take([first, clashing, after])
    assert [verdict.taken for verdict in verdicts] == [True, False, True]
    assert [clash.ordinal for clash in verdicts[1].clashes] == [1]
    assert store.stored == [*first, *after]


def test_a_decision_on_what_has_changed_is_refused_unless_it_was_taken() -> None:
    """`moved` refuses what is new; the same decision sent again is a duplicate."""
    known = fingerprint(Sent("1", "p", "A").event, CATALOGUE)
    assert [verdict.taken for verdict in judge([[known]], {}, {}, moved=[0])] == [False]
    assert [verdict.statuses for verdict in judge([[known]], {known.key: known.body}, {}, moved=[0])] == [
        ("duplicate",)
    ]


def judged(*requests: Sequence[Sent], watched: dict[int, list[str]]) -> list[Verdict]:
    """The verdicts on requests of one transaction, some of which watch subjects."""
    prints = [[fingerprint(sent.event, CATALOGUE) for sent in request] for request in requests]
    return judge(
        prints, {}, {}, watched={number: [f"99000007:{name}" for name in of] for number, of in watched.items()}
    )


@pytest.mark.guarantee
def test_of_two_decisions_on_the_same_the_second_is_refused() -> None:
    """Both saw the subject where it stood; whichever comes first moves it, also within one transaction."""
    first, second, third = [Sent("1", "p", "A")], [Sent("2", "p", "B")], [Sent("3", "q", "C")]
    verdicts = judged(first, second, third, watched={0: ["p"], 1: ["p"], 2: ["q"]})
    assert [verdict.moved for verdict in verdicts] == [False, True, False]


@pytest.mark.guarantee
def test_without_a_look_at_what_came_before_both_decisions_are_taken() -> None:
    """Switched off: nobody watches, and the second overwrites what it has not seen."""
    assert all(verdict.taken for verdict in judged([Sent("1", "p", "A")], [Sent("2", "p", "B")], watched={}))


def test_a_refused_decision_moves_nothing() -> None:
    """The second comes too late; the third watches only what the second would have written."""
    first, second, third = [Sent("1", "p", "A")], [Sent("2", "p", "B"), Sent("3", "q", "B")], [Sent("4", "q", "C")]
    verdicts = judged(first, second, third, watched={1: ["p"], 2: ["q"]})
    assert [verdict.taken for verdict in verdicts] == [True, False, True]


def test_what_says_nothing_new_moves_nothing() -> None:
    """A state said again is not stored, so the subject stands where it stood."""
    first, again, decision = (fingerprint(Sent(name, "p", body).event, CATALOGUE) for name, body in ("1A", "2A", "3B"))
    assert first.state is not None
    verdicts = judge([[again], [decision]], {}, {first.state: first.stated}, watched={1: [first.about]})
    assert [(verdict.statuses, verdict.moved) for verdict in verdicts] == [
        (("unchanged",), False),
        (("accepted",), False),
    ]


def test_the_same_decision_twice_at_once_is_a_duplicate() -> None:
    """Who sends twice because the answer was slow is told that it was taken."""
    decision = [Sent("1", "p", "A")]
    verdicts = judged(decision, decision, watched={0: ["p"], 1: ["p"]})
    assert [verdict.statuses for verdict in verdicts] == [("accepted",), ("duplicate",)]
    assert all(verdict.taken for verdict in verdicts)
