"""The buffer of the clients: order, what is dropped, what is set aside, and whose file it is."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from kernel.errors import Fatal
from producers.backoff import Backoff
from producers.buffer import Buffer


@pytest.fixture
def buffer(tmp_path: Path) -> Iterator[Buffer]:
    made = Buffer(tmp_path / "events.sqlite")
    yield made
    made.close()


def bodies(buffer: Buffer, count: int = 100, size: int = 1000) -> list[bytes]:
    return [waiting.body for waiting in buffer.first(count, size)]


def test_what_is_put_comes_out_in_order(buffer: Buffer) -> None:
    """First in, first out, over several puts."""
    buffer.put([("s", b"1"), ("t", b"2")])
    buffer.put([("s", b"3")])
    assert bodies(buffer) == [b"1", b"2", b"3"]
    assert bodies(buffer, count=2) == [b"1", b"2"]


def test_a_page_is_bounded_by_size_but_never_empty(buffer: Buffer) -> None:
    """One event that is larger than a page goes alone."""
    buffer.put([("s", b"x" * 50), ("s", b"y" * 6), ("s", b"z" * 6)])
    assert bodies(buffer, size=10) == [b"x" * 50]
    assert bodies(buffer, size=56) == [b"x" * 50, b"y" * 6]


def test_answers_drop_and_set_aside(buffer: Buffer) -> None:
    """Taken events are gone, refused ones are listed with their reason, others wait."""
    buffer.put([("s", b"1"), ("s", b"2"), ("s", b"3")])
    first, second, _ = buffer.first(3, 100)
    buffer.answered({first.number: "", second.number: "too old"})
    assert bodies(buffer) == [b"3"]
    assert [(each.body, each.reason) for each in buffer.set_aside()] == [(b"2", "too old")]


def test_what_was_set_aside_comes_back_to_its_place(buffer: Buffer) -> None:
    """Before what was put after it."""
    buffer.put([("s", b"1"), ("s", b"2")])
    buffer.answered({buffer.first(1, 100)[0].number: "no"})
    assert buffer.bring_back() == 1
    assert (bodies(buffer), buffer.waiting(), buffer.set_aside()) == ([b"1", b"2"], 2, [])


def test_a_put_that_fails_keeps_nothing(buffer: Buffer) -> None:
    """All of the events of a put, or none."""

    def broken() -> Iterator[tuple[str, bytes]]:
        yield "s", b"1"
        raise ValueError("the source broke off")

    with pytest.raises(ValueError, match="broke off"):
        buffer.put(broken())
    assert buffer.waiting() == 0


def test_events_are_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    """Numbers go on where they were, also when the buffer was emptied in between."""
    for expected in (1, 2):
        buffer = Buffer(tmp_path / "events.sqlite")
        buffer.put([("s", b"x")])
        (waiting,) = buffer.first(9, 9)
        assert waiting.number == expected
        buffer.answered({waiting.number: ""})
        buffer.close()


def test_a_file_has_one_user_at_a_time(buffer: Buffer, tmp_path: Path) -> None:
    """Two clients on one file would send each event twice and out of order."""
    with pytest.raises(Fatal, match="locked"):
        Buffer(tmp_path / "events.sqlite")


def test_a_file_that_is_no_buffer_is_refused(tmp_path: Path) -> None:
    """Somebody else's file is not overwritten."""
    (tmp_path / "letter.txt").write_text("Kære borger, " * 100)
    with pytest.raises(Fatal, match="not a database"):
        Buffer(tmp_path / "letter.txt")


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """A path is not made up."""
    with pytest.raises(Fatal):
        Buffer(tmp_path / "nowhere" / "events.sqlite")


def test_only_the_owner_reads_the_file(buffer: Buffer, tmp_path: Path) -> None:
    """Events may hold personal data."""
    assert stat.S_IMODE((tmp_path / "events.sqlite").stat().st_mode) == 0o600


def test_pauses_double_until_something_succeeds() -> None:
    """Up to the longest, and from the first again."""
    backoff = Backoff(first=1, longest=5)
    assert [backoff.pause() for _ in range(5)] == [1, 2, 4, 5, 5]
    backoff.reset()
    assert backoff.pause() == 1
