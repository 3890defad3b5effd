"""Makes the picture in the README: `python -m tests.browser.picture docs/dashboard.png`, half a year into the demo."""

import itertools
import sys
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

from playwright.sync_api import sync_playwright

from access.principals import LOCAL_ID
from examples.municipalities import EGESOE
from hub.demo import stage
from hub.server import api, dashboard, listening
from hub.settings import Settings
from hub.workers import trouble_of
from tests.browser.conftest import CHROMIUM, DESK
from tests.support.command import home_of_its_own
from tests.support.serving import free_port

DAYS = 180
SEED = 1


def main(target: Path) -> None:
    with ExitStack() as stack:
        settings = replace(Settings(stack.enter_context(home_of_its_own())), port=free_port())
        play = stack.enter_context(stage(settings, SEED))
        web = stack.enter_context(dashboard(play.hub))
        app = api(play.hub, partial(trouble_of, play.running.parts), web)
        stack.enter_context(listening(app, settings.host, settings.port, web.signals.stop))
        for day in itertools.islice(play.demo.days(), DAYS):
            play.day(day)
        url = f"http://{settings.host}:{settings.port}/web"
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": DESK, "height": 1_000})
        page.goto(f"{url}/login?token={web.sessions.invite(LOCAL_ID, 'Mette Holm')}")
        page.goto(f"{url}/{EGESOE.cvr}/today?lang=da", wait_until="load")
        page.screenshot(path=target)
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
