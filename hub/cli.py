"""The command line: `samspil`. Exit code 0 done, 1 something was refused or failed, 2 wrong use."""

import sys

import typer

from hub.commands import (
    access,
    alert,
    automation,
    cases,
    data,
    demo,
    look,
    portfolio,
    processes,
    register,
    repair,
    subscriptions,
    tasks,
    topics,
)
from hub.output import errors
from kernel.errors import SamspilError, WrongUse
from kernel.logs import log_to, mask_tracebacks

app = typer.Typer(
    name="samspil",
    help="An event hub for Danish municipalities: systems, contracts, invoices and what does not fit.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
for module in (demo, processes, data, look, cases, portfolio, tasks, repair):
    module.register(app)
app.add_typer(register.app, name="register")
app.add_typer(access.app, name="access")
app.add_typer(repair.parked, name="parked")
app.add_typer(alert.app, name="alert")
app.add_typer(automation.app, name="automation")
app.add_typer(topics.app, name="topics")
app.add_typer(subscriptions.app, name="subscriptions")


def main() -> None:
    """Run the command line; an error of ours is told in its own words, without a traceback."""
    log_to(sys.stderr)
    mask_tracebacks()
    try:
        app()
    except SamspilError as error:
        errors.print(f"[bold red]error:[/] {error}" if errors.is_terminal else f"error: {error}")
        sys.exit(2 if isinstance(error, WrongUse) else 1)
    except KeyboardInterrupt:
        errors.print("stopped")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)


if __name__ == "__main__":
    main()
