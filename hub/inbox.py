"""Folder intake: a file put there is taken in and moved to `done/`, or to `refused/` with the reason beside it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import structlog
from watchfiles import watch

from kernel.errors import Retryable
from schemas.values import valid_cvr
from storage.folders import writable

from .intake import Intake
from .opening import Hub
from .workers import Worker, working

log = structlog.get_logger()
DONE, REFUSED = "done", "refused"


QUIET_S = 0.5
"""A file is taken when nobody has written to it for this long."""


@contextmanager
def watching(hub: Hub, folder: Path) -> Iterator[Worker]:
    """Take in what is there and what comes. A folder in it that is named by a CVR holds that authority's files.

    Raises Fatal for a folder that files cannot be moved in.
    """
    writable(folder, "--inbox names it: files are moved in it, so it is to be a folder that you may write in")
    stop = threading.Event()
    with working("folder intake", partial(_run, hub, folder, stop), stop.set) as worker:
        yield worker


def _run(hub: Hub, folder: Path, stop: threading.Event) -> None:
    take_waiting(hub, folder)
    for _ in watch(folder, stop_event=stop, rust_timeout=500, yield_on_timeout=True, debounce=200, step=50):
        take_waiting(hub, folder)


def take_waiting(hub: Hub, folder: Path) -> int:
    """Take in every file that waits; returns how many. The database away: they wait on."""
    taken = 0
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if parts[0] in (DONE, REFUSED) or any(part.startswith(".") for part in parts) or not _is_whole(path):
            continue
        authority = parts[0] if len(parts) > 1 and valid_cvr(parts[0]) else None
        try:
            _take(Intake(hub, authority), folder, path)
            taken += 1
        except (Retryable, OSError) as error:
            log.warning("the inbox waits", error=str(error))
            break
    return taken


def _is_whole(path: Path) -> bool:
    """A file that is there, and that nobody is still writing."""
    try:
        return path.is_file() and time.time() - path.stat().st_mtime >= QUIET_S
    except FileNotFoundError:
        return False


def _take(intake: Intake, folder: Path, path: Path) -> None:
    result = intake.take(path)
    refused = result.status in ("refused", "skipped")
    target = folder / (REFUSED if refused else DONE) / path.relative_to(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    target = _free(target)
    if refused:
        target.with_name(target.name + ".reason.txt").write_text(result.reason + "\n")
    path.rename(target)
    log.info("taken in", file=result.file, status=result.status)


def _free(target: Path) -> Path:
    """A name that is not taken, so that no earlier file is overwritten."""
    number, free = 1, target
    while free.exists():
        number += 1
        free = target.with_name(f"{target.stem}-{number}{target.suffix}")
    return free
