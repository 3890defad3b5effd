"""Folder intake: a file put there is taken in and moved to `done/`, or to `refused/` with the reason beside it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from zipfile import is_zipfile

import orjson
import structlog
from watchfiles import watch

from adapters.register.sheets import MAX_BYTES
from adapters.ubl.parse import parse
from kernel.errors import Invalid, Retryable
from schemas.values import valid_cvr
from storage.folders import writable

from .intake import Intake
from .opening import Hub
from .workers import Worker, working

log = structlog.get_logger()
DONE, REFUSED = "done", "refused"
QUIET_S = 0.5
"""A file is taken when nobody has written to it for this long."""
UNREADABLE_S = 10.0
"""One that cannot be read may be half a file: it is refused when nobody has written to it for this long."""
AGAIN_S = 30.0
"""A file that could not be moved is tried again after this long."""


@contextmanager
def watching(hub: Hub, folder: Path, *, unreadable_s: float = UNREADABLE_S) -> Iterator[Worker]:
    """Take in what is there and what comes. A folder in it that is named by a CVR holds that authority's files.

    Raises Fatal for a folder that files cannot be moved in.
    """
    writable(folder, "--inbox names it: files are moved in it, so it is to be a folder that you may write in")
    stop = threading.Event()
    run = partial(_run, Inbox(hub, folder, unreadable_s=unreadable_s), stop)
    with working("folder intake", run, stop.set) as worker:
        yield worker


@dataclass
class Inbox:
    """A folder that is looked at again and again."""

    hub: Hub
    folder: Path
    unreadable_s: float = UNREADABLE_S
    again_s: float = AGAIN_S
    _stuck: dict[Path, float] = field(default_factory=dict)

    def look(self) -> int:
        """Take in every file that waits; returns how many. The database away: they wait on. One that cannot be moved
        keeps no other waiting.
        """
        taken = 0
        for path in self._files():
            if time.monotonic() < self._stuck.get(path, 0.0):
                continue
            try:
                if self._is_whole(path):
                    self._take(path)
                    taken += 1
            except Retryable as error:
                log.warning("the inbox waits", error=error.message)
                break
            except OSError as error:
                log.warning("a file in the inbox waits", error=str(error))
                self._stuck[path] = time.monotonic() + self.again_s
        return taken

    def _files(self) -> Iterator[Path]:
        """What is in the folder, in order of the names; not what was taken, nor what begins with a dot."""
        for top in sorted(self.folder.iterdir()):
            if top.name not in (DONE, REFUSED):
                for path in (top, *sorted(top.rglob("*"))):
                    if not any(part.startswith(".") for part in path.relative_to(self.folder).parts):
                        yield path

    def _is_whole(self, path: Path) -> bool:
        """A file that is there, and that nobody is still writing."""
        try:
            if not path.is_file():
                return False
            quiet_s = time.time() - path.stat().st_mtime
            return quiet_s >= self.unreadable_s or (quiet_s >= QUIET_S and _reads(path))
        except FileNotFoundError:
            return False

    def _take(self, path: Path) -> None:
        inside = path.relative_to(self.folder)
        named = inside.parts[0] if len(inside.parts) > 1 else ""
        result = Intake(self.hub, named if valid_cvr(named) else None).take(path)
        refused = result.status in ("refused", "skipped")
        target = self.folder / (REFUSED if refused else DONE) / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        target = _free(target)
        if refused:
            target.with_name(target.name + ".reason.txt").write_text(result.reason + "\n")
        path.rename(target)
        self._stuck.pop(path, None)
        log.info("taken in", file=result.file, status=result.status)


def _run(inbox: Inbox, stop: threading.Event) -> None:
    """Look at the start, at every change in the folder, and twice a second without one."""
    inbox.look()
    for _ in watch(inbox.folder, stop_event=stop, rust_timeout=500, yield_on_timeout=True, debounce=200, step=50):
        inbox.look()


def _reads(path: Path) -> bool:
    """Whether the form of the file is whole. That of CSV never tells, nor that of a file that is refused unread."""
    suffix = path.suffix.lower()
    if suffix == ".xlsx":
        return is_zipfile(path)
    if suffix not in (".xml", ".json") or path.stat().st_size > MAX_BYTES:
        return True
    try:
        parse(path.read_bytes()) if suffix == ".xml" else orjson.loads(path.read_bytes())
    except (Invalid, orjson.JSONDecodeError):
        return False
    return True


def _free(target: Path) -> Path:
    """A name that is not taken, so that no earlier file is overwritten."""
    number, free = 1, target
    while free.exists():
        number += 1
        free = target.with_name(f"{target.stem}-{number}{target.suffix}")
    return free
