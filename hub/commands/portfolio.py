"""The portfolio on the command line."""

from typing import Annotated

import typer

from hub.commands.look import AUTHORITY, JSON, KNOWN_AT, VALID_AT, query


def register(app: typer.Typer) -> None:
    app.command()(portfolio)


def portfolio(
    question: Annotated[
        str, typer.Argument(help="overview, priorities, status, resources, benefits, relations")
    ] = "overview",
    authority: AUTHORITY = None,
    valid_at: VALID_AT = None,
    known_at: KNOWN_AT = None,
    as_json: JSON = False,
) -> None:
    """Projects: how they stand, which come first and why, status over time, people's time, benefits, relations.

    Example: samspil portfolio priorities --authority 99000007
    """
    query("portfolio", question, authority, valid_at, known_at, as_json)
