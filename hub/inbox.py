"""Folder intake: a file put there is taken in and moved to `done/`, or to `refused/` with the reason beside it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from watchfiles import watch

from kernel.errors import Retryable
from schemas.values import valid_cvr

from .intake import Intake
from .opening import Hub

log = structlog.get_logger()
DONE, REFUSED = "done", "refused"


@contextmanager
def watching(hub: Hub, folder: Path) -> Iterator[None]:
    """Take in what is there and what comes. A folder in it that is named by a CVR holds that authority's files."""
    folder.mkdir(parents=True, exist_ok=True)
    stop = threading.Event()
    thread = threading.Thread(target=_run, args=(hub, folder, stop), name="inbox", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _run(hub: Hub, folder: Path, stop: threading.Event) -> None:
    take_waiting(hub, folder)
    for _ in watch(folder, stop_event=stop, rust_timeout=500, yield_on_timeout=True, debounce=200, step=50):
        take_waiting(hub, folder)


def take_waiting(hub: Hub, folder: Path) -> int:
    """Take in every file that waits; returns how many. The database away: they wait on."""
    taken = 0
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if not path.is_file() or parts[0] in (DONE, REFUSED) or any(part.startswith(".") for part in parts):
            continue
        authority = parts[0] if len(parts) > 1 and valid_cvr(parts[0]) else None
        try:
            _take(Intake(hub, authority), folder, path)
            taken += 1
        except Retryable as error:
            log.warning("the inbox waits", error=error.message)
            break
    return taken


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
