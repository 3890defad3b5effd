"""The embedded PostgreSQL: what it says when it cannot start."""

from pathlib import Path

import pytest

from kernel.errors import Fatal
from storage.embedded import EmbeddedPostgres


def test_data_of_another_postgresql_are_left_alone(tmp_path: Path) -> None:
    """Whose data they are, what this release brings, and the ways out; nothing in the directory is touched."""
    home = tmp_path / "postgres"
    home.mkdir()
    (home / "PG_VERSION").write_text("17\n")
    with pytest.raises(Fatal, match=r"holds data of PostgreSQL 17; this Samspil brings PostgreSQL \d+") as said:
        EmbeddedPostgres(tmp_path).start()
    assert str(home) in said.value.message
    assert "restore a backup into an empty SAMSPIL_DATA_DIR" in said.value.hint
    assert [file.name for file in home.iterdir()] == ["PG_VERSION"]
