"""The folder whose files are taken in: what is half written waits, and what cannot be moved keeps nothing waiting."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.register.template import template_workbook
from hub.inbox import Inbox, watching
from hub.listing import event_rows
from hub.opening import Hub, open_hub
from hub.settings import Settings
from tests.support.command import home_of_its_own
from tests.support.invoices import OIOUBL
from tests.support.sample import unit
from tests.support.wait import until

EGESOE, NEIGHBOUR = "99000007", "99000015"


@pytest.fixture(scope="module")
def hub() -> Iterator[Hub]:
    with home_of_its_own() as home, open_hub(Settings(home)) as opened:
        yield opened


def put(folder: Path, name: str, content: bytes, *, quiet_s: float) -> Path:
    """A file that was last written to so many seconds ago."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (time.time() - quiet_s,) * 2)
    return path


def invoice(number: str) -> bytes:
    return OIOUBL.replace("FA-00 0123", number).encode()


def refusals(hub: Hub) -> int:
    return len(event_rows(hub.database, family="invoice.refused"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("slow.xml", invoice("FA-SLOW")),
        ("slow.json", unit(1, authority=EGESOE).model_dump_json(exclude_none=True).encode()),
        ("slow.xlsx", template_workbook()),
    ],
)
def test_half_a_file_waits_for_the_rest(hub: Hub, tmp_path: Path, name: str, content: bytes) -> None:
    """A pause in the writing longer than the quiet half second: nothing is refused, and the whole file is taken."""
    inbox, before = Inbox(hub, tmp_path), refusals(hub)
    path = put(tmp_path, f"{EGESOE}/{name}", content[: len(content) // 2], quiet_s=5)
    assert inbox.look() == 0
    assert path.exists()
    put(tmp_path, f"{EGESOE}/{name}", content, quiet_s=1)
    assert inbox.look() == 1
    assert (tmp_path / "done" / EGESOE / name).exists()
    assert refusals(hub) == before


def test_what_stays_half_is_refused(hub: Hub, tmp_path: Path) -> None:
    """Nobody has written to it for ten seconds: it is what it is."""
    put(tmp_path, f"{EGESOE}/half.xml", b"<Invoice", quiet_s=11)
    assert Inbox(hub, tmp_path).look() == 1
    assert "not well-formed" in (tmp_path / "refused" / EGESOE / "half.xml.reason.txt").read_text()


def test_a_file_that_waits_is_looked_at_again_by_itself(hub: Hub, tmp_path: Path) -> None:
    """Nothing happens in the folder after the half file came; its time comes all the same."""
    with watching(hub, tmp_path, unreadable_s=2.0):
        put(tmp_path, f"{EGESOE}/half.xml", b"<CreditNote", quiet_s=0)
        until((tmp_path / "refused" / EGESOE / "half.xml").exists, 30, "the half file to be refused")


def test_a_file_that_cannot_be_moved_keeps_no_other_waiting(hub: Hub, tmp_path: Path) -> None:
    """Those after it are taken; it is moved when what was in its way is gone."""
    inbox = Inbox(hub, tmp_path, again_s=0.0)
    stuck = put(tmp_path, f"{EGESOE}/first.xml", invoice("FA-FIRST"), quiet_s=1)
    put(tmp_path, f"{NEIGHBOUR}/second.xml", invoice("FA-SECOND"), quiet_s=1)
    obstacle = put(tmp_path, f"done/{EGESOE}", b"a file where the folder should be", quiet_s=1)
    assert inbox.look() == 1
    assert stuck.exists()
    assert (tmp_path / "done" / NEIGHBOUR / "second.xml").exists()
    obstacle.unlink()
    assert inbox.look() == 1
    assert (tmp_path / "done" / EGESOE / "first.xml").exists()


def test_a_file_that_cannot_be_moved_is_not_tried_at_every_look(hub: Hub, tmp_path: Path) -> None:
    """It would be read and sent twice a second for as long as the cause lasts."""
    inbox = Inbox(hub, tmp_path, again_s=3600.0)
    put(tmp_path, f"{EGESOE}/third.xml", invoice("FA-THIRD"), quiet_s=1)
    obstacle = put(tmp_path, f"done/{EGESOE}", b"a file where the folder should be", quiet_s=1)
    assert inbox.look() == 0
    obstacle.unlink()
    assert inbox.look() == 0


def test_a_name_with_a_leading_dot_is_left_alone(hub: Hub, tmp_path: Path) -> None:
    """Under such a name a file may be written for as long as it takes; renamed, it is taken."""
    inbox = Inbox(hub, tmp_path)
    hidden = put(tmp_path, f"{EGESOE}/.fourth.xml", invoice("FA-FOURTH"), quiet_s=60)
    assert inbox.look() == 0
    hidden.rename(hidden.with_name("fourth.xml"))
    assert inbox.look() == 1
