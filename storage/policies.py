"""Row-level security: the web role sees the authorities named in its transaction, and nothing when none is named."""

from collections.abc import Iterator

from sqlalchemy import Table

from .database import WEB, WORKER

_MINE = "authority = ANY (string_to_array(current_setting('samspil.authorities', true), ','))"
_ANYONE = "coalesce(current_setting('samspil.authorities', true), '') <> ''"


def policies(schema: str, table: Table) -> Iterator[str]:
    """The statements that open one table to the worker and, row by row, to the web.

    A table without an `authority` column holds nothing of anybody's and is opened by a plain grant. A `shared` column
    marks facts for all authorities.
    """
    name = f'"{schema}"."{table.name}"'
    yield f"GRANT SELECT ON {name} TO {WEB}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON {name} TO {WORKER}"
    if "authority" not in table.columns:
        return
    visible = f"{_MINE} OR (shared AND {_ANYONE})" if "shared" in table.columns else _MINE
    yield f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"
    yield f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY"
    yield f"CREATE POLICY worker ON {name} TO {WORKER} USING (true) WITH CHECK (true)"
    yield f"CREATE POLICY web ON {name} FOR SELECT TO {WEB} USING ({visible})"
