"""Two hubs on one data directory would both run every consumer: the second is told so."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from kernel.errors import Fatal
from storage.folders import DATA_DIR_HINT, writable

from .settings import Settings


@contextmanager
def only_hub(settings: Settings) -> Iterator[None]:
    """Be the one hub of this data directory. Raises Fatal, naming the process that is or the folder."""
    writable(settings.data_dir, DATA_DIR_HINT)
    with (settings.data_dir / "hub.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Fatal(
                f"another hub (process {lock.read().strip() or 'unknown'}) already works in {settings.data_dir}",
                hint="stop it, or set SAMSPIL_DATA_DIR to another directory",
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
