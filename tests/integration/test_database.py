"""Connections: what every session has, and what becomes of those that outlive their pool."""

from sqlalchemy import text

from storage.database import Database


def test_every_session_has_utc(database: Database) -> None:
    """Wherever the server stands."""
    with database.owner.begin() as connection:
        connection.execute(text("ALTER ROLE samspil_worker SET timezone = 'Europe/Copenhagen'"))
    try:
        with database.worker.connect() as connection:
            assert connection.execute(text("SHOW timezone")).scalar_one() == "UTC"
    finally:
        with database.owner.begin() as connection:
            connection.execute(text("ALTER ROLE samspil_worker RESET timezone"))


def test_a_connection_that_outlives_its_pool_is_closed_when_it_comes_back(database: Database) -> None:
    """And the engine goes on with new ones."""
    late = database.worker.connect()
    driver = late.connection.driver_connection
    assert driver is not None
    database.dispose()
    late.close()
    assert driver.closed
    with database.glance() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1
