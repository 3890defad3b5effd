"""Long lists in pages."""

from typing import Annotated

from fastapi import Query

SIZE = 25
"""Rows on a page of a list."""
Page = Annotated[int, Query(ge=1, le=100_000)]
"""Which page, from 1."""


def offset(page: int) -> int:
    """How many rows come before a page."""
    return (page - 1) * SIZE
