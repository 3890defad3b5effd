"""Logs as lines on a stream, without CPR numbers: ours, those of libraries, and what is said of uncaught errors."""

import logging
import sys
import threading
import traceback
from types import TracebackType
from typing import TextIO

import structlog

from .masking import mask_message

QUIET = ("aiokafka", "kafka")
"""Libraries that log as errors what they then try again."""


def log_to(stream: TextIO) -> None:
    """Send our log from info upwards, and that of libraries from errors upwards, to `stream`."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_MaskingFormatter(logging.BASIC_FORMAT))
    logging.basicConfig(level=logging.ERROR, handlers=[handler], force=True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    console = structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            lambda logger, name, entry: mask_message(str(console(logger, name, entry))),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(stream),
    )


def mask_tracebacks() -> None:
    """Let errors that nobody catches, in whatever thread, be printed without CPR numbers."""

    def in_thread(uncaught: threading.ExceptHookArgs) -> None:
        if uncaught.exc_value is not None:
            _print_masked(uncaught.exc_type, uncaught.exc_value, uncaught.exc_traceback)

    sys.excepthook = _print_masked
    threading.excepthook = in_thread


def _print_masked(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    sys.stderr.write(mask_message("".join(traceback.format_exception(kind, error, where))))


class _MaskingFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return mask_message(super().format(record))
