"""Bulk writes by COPY."""

from sqlalchemy import Column, MetaData, Table, Text, func, select
from sqlalchemy.schema import CreateTable

from storage.copying import FEW, copy_rows, twin_name
from storage.database import Database


def test_two_tables_of_one_name_and_different_columns_share_a_session(database: Database) -> None:
    """A session of the pool serves several consumers, each with a `contract` of its own."""
    narrow = Table("contract", MetaData(), Column("id", Text, primary_key=True))
    wide = Table("contract", MetaData(), Column("id", Text, primary_key=True), Column("title", Text))
    with database.worker.begin() as connection:
        for schema, table, more in (("one", narrow, ()), ("two", wide, ("b",))):
            rows = [(f"{number:03}", *more) for number in range(FEW + 1)]
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
            connection.exec_driver_sql(f"SET LOCAL search_path TO {schema}")
            connection.execute(CreateTable(table))
            copy_rows(connection, table, rows)
            assert connection.execute(select(table).order_by(table.c.id)).all() == rows


def test_nothing_stays_in_the_session_once_it_is_written(database: Database) -> None:
    """What is copied goes through a temporary table; the next who has the session finds nothing in it."""
    table = Table("contract", MetaData(), Column("id", Text, primary_key=True))
    twin = Table(twin_name(table), MetaData(), Column("id", Text), schema="pg_temp")
    with database.worker.begin() as connection:
        connection.exec_driver_sql("CREATE SCHEMA one")
        connection.exec_driver_sql("SET LOCAL search_path TO one")
        connection.execute(CreateTable(table))
        copy_rows(connection, table, [(f"{number}",) for number in range(FEW + 1)])
        assert connection.execute(select(func.count()).select_from(twin)).scalar_one() == 0
