"""The demo that stays: two years at full speed up to the last days, then a day every few seconds, with the API open."""

import itertools
import signal
import threading
from contextlib import ExitStack
from functools import partial
from types import FrameType

from .demo import Play, is_half_year_end
from .output import errors
from .server import login_link, serving
from .workers import trouble_of

LIVE_DAYS = 60
SECONDS_A_DAY = 3.0


def live(play: Play, *, as_json: bool) -> None:
    """Serve until Ctrl-C or SIGTERM; the last days come one by one, with a line for each webhook unless `as_json`."""
    stop = threading.Event()

    def told(_: int, __: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, told)
    with ExitStack() as stack:
        settings = play.hub.settings
        trouble = partial(trouble_of, play.running.parts)
        web = stack.enter_context(serving(play.hub, trouble, play.running.consumers))
        errors.print(
            f"Samspil listens on http://{settings.host}:{settings.port}; the last {LIVE_DAYS} days come slowly"
        )
        errors.print(f"log in once with {login_link(web, settings)}")
        days = iter(play.demo.days())
        for day in itertools.islice(days, 731 - LIVE_DAYS):
            if stop.is_set():
                return
            play.day(day)
            if is_half_year_end(day.date):
                play.deliveries.catch_up()
        stack.enter_context(play.deliveries.going_on())
        if not as_json:
            errors.print(f"{play.deliveries.delivered()} webhooks were delivered")
            play.deliveries.receiver.shown = _show
        errors.print(f"from now on a day every {SECONDS_A_DAY:g} seconds; Ctrl-C ends it")
        for day in days:
            if stop.wait(SECONDS_A_DAY):
                return
            play.day(day)
            errors.print(f"{day.date}: {sum(len(share.documents) for share in day.shares)} invoices")
        errors.print("the two years are over; the hub stays until Ctrl-C")
        while not stop.wait(0.5):
            pass


def _show(line: str) -> None:
    errors.print(f"webhook: {line}", highlight=False, markup=False)
