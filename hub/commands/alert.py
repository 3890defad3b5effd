"""Deciding about alerts."""

from typing import Annotated, Literal

import typer

from hub.output import print_line
from hub.settings import Settings

ALERT = Annotated[str, typer.Argument(metavar="ID", help="the alert's id, as `samspil alerts` lists it")]
AUTHORITY = Annotated[str, typer.Option(help="CVR of the authority whose alert it is")]
Outcome = Literal["handled", "accepted", "false-alarm"]

app = typer.Typer(help="What people decide about alerts.", no_args_is_help=True)


@app.command()
def acknowledge(
    alert: ALERT,
    authority: AUTHORITY,
    note: Annotated[str | None, typer.Option(help="for the others who see it")] = None,
) -> None:
    """Take an alert on: it stays open, and others see that somebody works on it.

    Example: samspil alert acknowledge 5c1e... --authority 99000007 --note "leverandøren er spurgt"
    """
    from hub.deciding import acknowledge as decide
    from hub.opening import open_hub

    with open_hub(Settings.from_environment()) as hub:
        decide(hub, authority, alert, note)
    print_line("acknowledged")


@app.command()
def close(
    alert: ALERT,
    authority: AUTHORITY,
    outcome: Annotated[Outcome, typer.Option(help="what it came to")],
    reason: Annotated[str, typer.Option(help="why; it is cited when the alert opens again")],
) -> None:
    """Close an alert for the values it has now; when they change, it opens again.

    Example: samspil alert close 5c1e... --authority 99000007 --outcome accepted --reason "aftalt frem til april"
    """
    from hub.deciding import close as decide
    from hub.opening import open_hub

    with open_hub(Settings.from_environment()) as hub:
        decide(hub, authority, alert, outcome, reason)
    print_line("closed")
