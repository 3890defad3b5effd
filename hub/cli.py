"""The command line: `samspil`. Exit code 0 done, 1 something was refused or failed, 2 wrong use."""

import logging
import sys

import structlog
import typer

from hub.commands import access, data, demo, look, processes, register, repair, topics
from hub.output import errors
from kernel.errors import SamspilError
from kernel.masking import mask_cpr

app = typer.Typer(
    name="samspil",
    help="An event hub for Danish municipalities: systems, contracts, invoices and what does not fit.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
for module in (demo, processes, data, look, repair):
    module.register(app)
app.add_typer(register.app, name="register")
app.add_typer(access.app, name="access")
app.add_typer(repair.parked, name="parked")
app.add_typer(topics.app, name="topics")


def main() -> None:
    """Run the command line; an error of ours is told in its own words, without a traceback."""
    _log_to_stderr()
    try:
        app()
    except SamspilError as error:
        errors.print(
            f"[bold red]error:[/] {mask_cpr(str(error))}" if errors.is_terminal else f"error: {mask_cpr(str(error))}"
        )
        sys.exit(1)
    except KeyboardInterrupt:
        errors.print("stopped")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)


def _log_to_stderr() -> None:
    """Our log as lines on stderr, CPR numbers masked; other libraries from warning upwards."""
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    logging.getLogger("kafka").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _masked,
            structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _masked(_: object, __: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
    return {name: mask_cpr(value) if isinstance(value, str) else value for name, value in entry.items()}


if __name__ == "__main__":
    main()
