"""Bulk writes by COPY."""

from sqlalchemy import Column, MetaData, Table, Text, select
from sqlalchemy.schema import CreateTable

from storage.copying import copy_rows
from storage.database import Database


def test_two_tables_of_one_name_and_different_columns_share_a_session(database: Database) -> None:
    """A session of the pool serves several consumers, each with a `contract` of its own."""
    narrow = Table("contract", MetaData(), Column("id", Text, primary_key=True))
    wide = Table("contract", MetaData(), Column("id", Text, primary_key=True), Column("title", Text))
    with database.worker.begin() as connection:
        for schema, table, row in (("one", narrow, ("a",)), ("two", wide, ("a", "b"))):
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
            connection.exec_driver_sql(f"SET LOCAL search_path TO {schema}")
            connection.execute(CreateTable(table))
            copy_rows(connection, table, [row])
            assert connection.execute(select(table)).one() == row
