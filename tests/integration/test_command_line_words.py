"""Words on the command line that stand for nothing the hub knows: wrong use, exit code 2, with the known ones."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import Command, commanding
from tests.support.sample import unit

EGESOE, NOBODY = "99000007", "99000015"
CONSUMERS = "there are landscape, contracts"
AUTHORITIES = f"there are {EGESOE}"
WRONG = [
    ("landscape nosuch", "there are systems, relations"),
    ("digest nosuch", CONSUMERS),
    ("rebuild nosuch", CONSUMERS),
    ("consume nosuch", CONSUMERS),
    ("parked show nosuch 1", CONSUMERS),
    (f"parked replay nosuch s1 --authority {EGESOE}", CONSUMERS),
    (f"parked discard nosuch s1 --authority {EGESOE} --reason test", CONSUMERS),
    ("alerts --rule IC99", "there are ic01, "),
    ("events --type nosuch", "there are alert, automation"),
    ("events --type invoice.nosuch", "invoice.received"),
    (f"access agreement request bi --authority {EGESOE} --type invoice --by mette", "invoice.received"),
    (f"subscriptions add bi --authority {EGESOE} --type nosuch.* --way pull", "invoice.*"),
    ("workflows --status nosuch", "'running'"),
    ("cases --state nosuch", "none of arisen, clarified"),
    ("events --limit 0", "greater than or equal to 1"),
    (f"landscape --authority {NOBODY}", AUTHORITIES),
    (f"events --authority {NOBODY}", AUTHORITIES),
    (f"tasks --authority {NOBODY}", AUTHORITIES),
    (f"cases --authority {NOBODY}", AUTHORITIES),
    (f"cases 27-1 --authority {NOBODY}", AUTHORITIES),
    (f"automation rules --authority {NOBODY}", AUTHORITIES),
    (f"subscriptions list --authority {NOBODY}", AUTHORITIES),
]
REFUSED = [
    ("trace nosuch", "`samspil events`"),
    (f"cases nosuch --authority {EGESOE}", "cases has never run"),
    (f"workflows nosuch --authority {EGESOE}", "workflows has never run"),
    ("access agreement approve nosuch --by ole", "`samspil access agreement list`"),
    ("subscriptions log nosuch", "`samspil subscriptions list`"),
    ("parked show landscape 1", "`samspil parked list`"),
]


@pytest.fixture(scope="module")
def samspil(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Command]:
    """A hub with one event of one authority, on which no consumer has ever run."""
    file = tmp_path_factory.mktemp("in") / "unit.json"
    file.write_text(unit(1, authority=EGESOE).model_dump_json(exclude_none=True))
    with commanding() as command:
        assert command("ingest", file).code == 0
        yield command


@pytest.mark.parametrize(("line", "known"), WRONG)
def test_a_word_that_is_none_is_wrong_use(samspil: Command, line: str, known: str) -> None:
    """Exit code 2 and nothing on standard output; the message names the words there are."""
    done = samspil(*line.split())
    assert (done.code, done.out) == (2, ""), done.err
    assert known in done.err


@pytest.mark.parametrize(("line", "hint"), REFUSED)
def test_what_names_nothing_there_is_is_refused(samspil: Command, line: str, hint: str) -> None:
    """An id is no word of the command line: exit code 1, and what lists the ids."""
    done = samspil(*line.split())
    assert (done.code, done.out) == (1, ""), done.err
    assert hint in done.err


def test_a_hub_without_authorities_says_how_one_comes() -> None:
    """There is none to name yet."""
    with commanding() as fresh:
        done = fresh("landscape", "--authority", EGESOE)
    assert done.code == 2
    assert "`samspil ingest --authority CVR PATH...`" in done.err


@pytest.mark.parametrize(
    ("command", "consumer"), [("landscape", "landscape"), ("tasks", "workflows"), ("cases", "cases")]
)
def test_a_listing_says_that_its_consumer_has_never_run(samspil: Command, command: str, consumer: str) -> None:
    """One line on standard error names what starts it; the JSON on standard output is as empty as before."""
    done = samspil(command, "--json")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith(f"{consumer} has never run, ")
    assert done.err.count("\n") == 1
    assert f"`samspil serve --embedded`, or on Kafka `samspil consume {consumer}`" in done.err


def test_alerts_name_every_consumer_they_come_from(samspil: Command) -> None:
    """The list of alerts is as empty when the rules have never looked as when they found nothing."""
    done = samspil("alerts")
    assert done.code == 0
    assert len(done.out.splitlines()) == 1
    assert done.err.startswith("contracts, invoice_control, portfolio, workflows, alerts have never run, ")


def test_a_listing_says_how_far_it_is_behind(samspil: Command, tmp_path: Path) -> None:
    """Nothing is said when everything is applied; what came since is counted."""
    assert samspil("rebuild", "contracts").code == 0
    assert samspil("contracts").err == ""
    file = tmp_path / "units.json"
    events = (unit(number, authority=EGESOE).model_dump_json(exclude_none=True) for number in (2, 3, 4))
    file.write_text(f"[{','.join(events)}]")
    assert samspil("ingest", file).code == 0
    done = samspil("contracts", "--json")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith("contracts is 3 events behind: ")
