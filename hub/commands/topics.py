"""The Kafka set-up."""

import typer

from hub.output import print_line
from hub.settings import Settings

app = typer.Typer(help="The hub's topics on Kafka.", no_args_is_help=True)


@app.callback()
def _topics() -> None:
    """The hub's topics on Kafka."""


@app.command()
def create() -> None:
    """Make the topics that are missing, after bringing the database up to date.

    Example: SAMSPIL_KAFKA=localhost:9092 samspil topics create
    """
    from hub.opening import open_hub
    from hub.running import make_topics

    with open_hub(Settings.from_environment()) as hub:
        made = make_topics(hub)
    print_line(f"made {', '.join(made)}" if made else "every topic is there")
