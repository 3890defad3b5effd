"""Folders that a process writes in."""

import tempfile
from pathlib import Path

from kernel.errors import Fatal

DATA_DIR_HINT = "SAMSPIL_DATA_DIR names it: set it to a folder that you may write in"


def writable(folder: Path, hint: str) -> None:
    """Make the folder where there is none. Raises Fatal, with the hint, when nothing can be written in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = "it is a file" if folder.is_file() else error.strerror
        raise Fatal(f"nothing can be written in the folder {folder}: {why}", hint=hint) from error
