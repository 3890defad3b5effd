"""Mistakes of people at the command line: each is told in a line, with what to do, and nobody sees a traceback."""

from pathlib import Path

import pytest

from tests.support.command import Command

NOBODYS = Path("/proc")
"""A folder in which nothing can be made, not even by root."""
NEED_DATA = [("status",), ("serve", "--embedded")]


@pytest.mark.parametrize("arguments", NEED_DATA, ids=" ".join)
def test_a_data_directory_that_is_a_file_is_named(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """The path, the variable that names it, and what to do."""
    file = tmp_path / "data"
    file.write_text("no folder")
    done = Command(file)(*arguments)
    assert done.code == 1
    assert f"{file}: it is a file" in done.err
    assert "SAMSPIL_DATA_DIR names it: set it to a folder that you may write in" in done.err


@pytest.mark.parametrize("arguments", NEED_DATA, ids=" ".join)
@pytest.mark.parametrize("folder", [NOBODYS, NOBODYS / "samspil"], ids=["existing", "new"])
def test_a_data_directory_that_cannot_be_written_in_is_named(arguments: tuple[str, ...], folder: Path) -> None:
    """One that is there, and one that cannot be made."""
    done = Command(folder)(*arguments)
    assert done.code == 1
    assert f"nothing can be written in the folder {folder}" in done.err
    assert "SAMSPIL_DATA_DIR" in done.err


def test_templates_need_a_folder_that_can_be_written_in(tmp_path: Path) -> None:
    """A file, below a file, and a folder that is nobody's: each is named."""
    file = tmp_path / "file"
    file.write_text("no folder")
    for folder in (file, file / "below", NOBODYS):
        done = Command(tmp_path)("register", "template", folder)
        assert done.code == 1
        assert f"nothing can be written in the folder {folder}" in done.err
        assert "samspil register template FOLDER" in done.err


def test_a_template_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A folder stands where the workbook should."""
    (tmp_path / "registre.xlsx").mkdir()
    done = Command(tmp_path)("register", "template", tmp_path)
    assert done.code == 1
    assert f"{tmp_path / 'registre.xlsx'} cannot be written" in done.err
