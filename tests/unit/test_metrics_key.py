"""The key of metrics: what can be one, that it is not shown, and whom it lets through."""

from pathlib import Path

import pytest
from starlette.datastructures import Headers

from hub.scraping import FORWARDED, LOOPBACK, require_scraper
from hub.settings import Settings
from kernel.errors import Fatal, Forbidden, Unauthenticated

KEY = "0123456789abcdef0123456789abcdef"
NOWHERE = Path("unused")
WITH_KEY = Settings(NOWHERE, metrics_key=KEY.encode())


def test_a_key_comes_from_the_environment() -> None:
    """32 characters are enough; an empty one is none."""
    assert Settings.from_environment({"SAMSPIL_METRICS_KEY": KEY}).metrics_key == KEY.encode()
    assert Settings.from_environment({"SAMSPIL_METRICS_KEY": ""}).metrics_key is None


@pytest.mark.parametrize("value", [KEY[1:], KEY[1:] + " ", KEY + "\n", KEY[1:] + "å"], ids=repr)
def test_what_can_be_no_key_stops_the_hub(value: str) -> None:
    """Too short, or nothing that goes through a header as it is; the value is not told."""
    with pytest.raises(Fatal, match="SAMSPIL_METRICS_KEY") as raised:
        Settings.from_environment({"SAMSPIL_METRICS_KEY": value})
    assert KEY[1:] not in str(raised.value)


def test_settings_do_not_show_the_key() -> None:
    """Whoever logs or prints them tells nobody."""
    assert KEY not in repr(WITH_KEY)


@pytest.mark.parametrize("header", [f"Bearer {KEY}", f"bearer  {KEY} "])
def test_the_key_lets_through(header: str) -> None:
    """The scheme's name has no case."""
    require_scraper(WITH_KEY, Headers({"Authorization": header}))


@pytest.mark.parametrize(
    "header", ["", KEY, f"Basic {KEY}", "Bearer", f"Bearer {KEY}0", f"Bearer {KEY[:-1]}", "Bearer å"]
)
def test_anything_else_does_not(header: str) -> None:
    """Another key, another scheme, or none, though the hub listens to this machine alone."""
    with pytest.raises(Unauthenticated):
        require_scraper(WITH_KEY, Headers({"authorization": header}))


@pytest.mark.parametrize("host", LOOPBACK)
def test_without_a_key_this_machine_may(host: str) -> None:
    """Where nobody else reaches the hub."""
    require_scraper(Settings(NOWHERE, host=host), Headers())


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.7", "samspil.example.dk"])  # noqa: S104 - refused
def test_without_a_key_no_other_address_tells(host: str) -> None:
    """Whatever is sent; the answer names the setting."""
    with pytest.raises(Forbidden, match="SAMSPIL_METRICS_KEY"):
        require_scraper(Settings(NOWHERE, host=host), Headers({"authorization": f"Bearer {KEY}"}))


@pytest.mark.parametrize("name", FORWARDED)
def test_without_a_key_a_proxy_gets_nothing(name: str) -> None:
    """It stands on this machine, but who asks does not."""
    with pytest.raises(Forbidden, match="SAMSPIL_METRICS_KEY"):
        require_scraper(Settings(NOWHERE), Headers({name: "https"}))
