"""The command line as people use it: files in, listings out, and a clear word when something is wrong."""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
import typer.main

from hub.cli import app
from tests.support.command import Command, commanding
from tests.support.invoices import ALL
from tests.support.registers import delimited
from tests.support.sample import unit
from tests.support.serving import free_port, is_ready
from tests.support.wait import until

EGESOE = "99000007"


@pytest.fixture
def samspil() -> Iterator[Command]:
    """The command line on a fresh hub."""
    with commanding() as command:
        yield command


def commands() -> list[tuple[str, ...]]:
    """Every command there is."""
    found = list[tuple[str, ...]]()
    waiting = [((), typer.main.get_command(app))]
    while waiting:
        path, command = waiting.pop()
        inner = getattr(command, "commands", None)
        if inner is None:
            found.append(path)
        else:
            waiting += [((*path, name), each) for name, each in inner.items()]
    return sorted(found)


def test_every_command_explains_itself_with_an_example() -> None:
    """`--help` of each command shows how it is called."""
    for path in commands():
        command = typer.main.get_command(app)
        for name in path:
            command = command.commands[name]  # type: ignore[attr-defined]
        assert "Example:" in (command.help or ""), path


def test_wrong_use_is_exit_code_2(samspil: Command) -> None:
    """An option that is none, and a date that is none."""
    assert samspil("status", "--nonsense").code == 2
    assert samspil("landscape", "systems", "--valid-at", "yesterday").code == 2


def test_facts_for_everybody_are_the_operators(samspil: Command, tmp_path: Path) -> None:
    """Nobody shares before it is said who runs the hub, neither by file nor by key; then in that name alone."""
    shared, others = tmp_path / "shared.json", tmp_path / "others.json"
    shared.write_text(unit(1, shared=True).model_dump_json(exclude_none=True))
    others.write_text(unit(2, shared=True, authority="99000015").model_dump_json(exclude_none=True))
    key = ("access", "key", "add", "register", "--registrar")
    assert samspil(*key).code == samspil("ingest", shared).code == 1
    operated = replace(samspil, environment={"SAMSPIL_OPERATOR": EGESOE})
    assert operated(*key).code == operated("ingest", shared).code == 0
    refused = operated("ingest", "--json", others)
    assert refused.code == 1
    assert "does not publish facts of 99000015 for all" in refused.lines[0]["reason"]


def test_a_file_is_taken_once(samspil: Command, tmp_path: Path) -> None:
    """First accepted, then duplicate; the store does not grow. A file that is no invoice is refused, twice alike."""
    folder = tmp_path / "in"
    folder.mkdir()
    for name, document in ALL.items():
        (folder / f"{name}.xml").write_text(document)
    (folder / "broken.xml").write_text("<Invoice")
    (folder / "letter.docx").write_text("hej")
    first = samspil("ingest", "--authority", EGESOE, "--json", folder)
    events = samspil("status", "--json").lines[0]["events"]
    second = samspil("ingest", "--authority", EGESOE, "--json", folder)
    assert Counter(line["status"] for line in first.lines) == {"accepted": len(ALL), "refused": 1, "skipped": 1}
    assert Counter(line["status"] for line in second.lines) == {"duplicate": len(ALL), "refused": 1, "skipped": 1}
    assert first.code == second.code == 1
    assert samspil("status", "--json").lines[0]["events"] == events == len(ALL) + 1


@pytest.mark.corpus
def test_the_real_invoices_are_taken_once(samspil: Command, corpus: Path) -> None:
    """Accepted, or refused with a reason; again a duplicate, or refused with the same reason."""
    files = sorted((corpus / "invoices").glob("*.xml"))
    first = samspil("ingest", "--authority", EGESOE, "--json", *files).lines
    events = samspil("status", "--json").lines[0]["events"]
    second = samspil("ingest", "--authority", EGESOE, "--json", *files).lines
    assert {line["status"] for line in first} == {"accepted", "refused"}
    assert all(line["reason"] for line in first if line["status"] == "refused")
    after = {"accepted": "duplicate", "refused": "refused"}
    assert [line["status"] for line in second] == [after[line["status"]] for line in first]
    assert [line["reason"] for line in second if line["status"] == "refused"] == [
        line["reason"] for line in first if line["status"] == "refused"
    ]
    assert samspil("status", "--json").lines[0]["events"] == events


def test_a_register_emits_only_what_changed(samspil: Command, tmp_path: Path) -> None:
    """Again: unchanged; --complete removes, not more than a tenth without --force; what returns is accepted."""
    head = ["Enhedsnummer", "Navn"]
    rows = [[f"E{n}", f"Enhed {n}"] for n in range(20)]
    file = tmp_path / "Enheder.csv"

    def ingest(kept: list[list[str]], *options: str) -> str:
        file.write_bytes(delimited([head, *kept]))
        (line,) = samspil("ingest", "--authority", EGESOE, "--json", *options, file).lines
        return f"{line['status']} {line['reason'] or ''}"

    assert ingest(rows) == "accepted "
    assert ingest(rows).startswith("unchanged")
    assert ingest(rows[:-1], "--complete") == "accepted "
    assert "more than 10 %" in ingest(rows[:10], "--complete")
    assert ingest(rows[:10], "--complete", "--force") == "accepted "
    assert ingest(rows) == "accepted "
    listed = samspil("events", "--type", "organisation.unit-removed", "--json").lines
    assert len(listed) == 10


def test_a_row_for_a_day_to_come_that_is_gone_is_taken_back(samspil: Command, tmp_path: Path) -> None:
    """The store says it anew from that day, once; a subject that is gone is removed from both its days."""
    head = ["Prispostnummer", "Kontrakt", "Titel", "Periode", "Pris", "Gælder fra"]
    now, later = (
        ["P-1", "K-1", "Drift", "år", price, day] for price, day in (("9", "01-01-2026"), ("10", "01-01-2099"))
    )
    file = tmp_path / "Prisposter.csv"

    def ingest(kept: list[list[str]], *options: str) -> str:
        file.write_bytes(delimited([head, *kept]))
        (line,) = samspil("ingest", "--authority", EGESOE, "--json", *options, file).lines
        return str(line["status"])

    def listed(fact: str) -> list[str]:
        lines = samspil("events", "--type", f"contract.price-item-{fact}", "--json").lines
        return sorted(line["effective"] for line in lines)

    assert ingest([now, later]) == "accepted"
    assert [ingest([now], "--complete"), ingest([now], "--complete")] == ["accepted", "unchanged"]
    assert listed("stated") == ["2026-01-01", "2099-01-01", "2099-01-01"]
    assert ingest([], "--complete", "--force") == "accepted"
    assert listed("removed")[1:] == ["2099-01-01"]
    assert ingest([], "--complete", "--force") == "unchanged"


def test_an_unknown_authority_is_refused(samspil: Command, tmp_path: Path) -> None:
    """A number that is no CVR makes no authority; a file without an authority says what is missing."""
    file = tmp_path / "faktura.xml"
    file.write_text(ALL["oioubl"] if "oioubl" in ALL else next(iter(ALL.values())))
    wrong, none = samspil("ingest", "--authority", "12345678", file), samspil("ingest", file)
    assert (wrong.code, none.code) == (1, 1)
    assert "modulus 11" in wrong.out
    assert "--authority CVR" in none.out


def test_the_listings_show_what_there_is(samspil: Command, tmp_path: Path) -> None:
    """Events, the way of one event, catalogue, digests, the doctor's findings."""
    file = tmp_path / "faktura.xml"
    file.write_text(next(iter(ALL.values())))
    (event_id,) = samspil("ingest", "--authority", EGESOE, "--json", file).lines[0]["ids"]
    assert [line["id"] for line in samspil("events", "--json").lines] == [event_id]
    steps = [line["step"] for line in samspil("trace", event_id, "--json").lines]
    assert steps[:2] == ["sent", "stored"]
    assert "landscape: waiting" in steps
    assert any(line["type"] == "dk.samspil.invoice.received.v1" for line in samspil("catalogue", "--json").lines)
    assert samspil("catalogue", "--asyncapi").lines[0]["asyncapi"].startswith("3.")
    checks = {line["check"]: line["ok"] for line in samspil("doctor", "--json").lines}
    assert checks["isolation"]
    assert checks["roles"]


def test_serve_takes_files_from_a_folder_and_ends_with_its_batch_done(samspil: Command, tmp_path: Path) -> None:
    """A file in the inbox goes to done/ or refused/ with its reason; every consumer applies it; SIGTERM ends with 0."""
    inbox = tmp_path / "inbox"
    (inbox / EGESOE).mkdir(parents=True)
    port = free_port()
    served = Command(samspil.home, {"SAMSPIL_PORT": str(port)})
    with served.running("serve", "--embedded", "--inbox", str(inbox)):
        until(lambda: is_ready(port), 60, "the hub to answer")
        (inbox / EGESOE / "good.xml").write_text(next(iter(ALL.values())))
        (inbox / EGESOE / "bad.xml").write_text("<Invoice")
        until((inbox / "done" / EGESOE / "good.xml").exists, 30, "the invoice to be taken")
        reason = inbox / "refused" / EGESOE / "bad.xml.reason.txt"
        until(reason.exists, 30, "the broken file to be refused")
        assert "not well-formed" in reason.read_text()
        until(lambda: samspil("status", "--json").lines[0]["caught_up"], 60, "every consumer to catch up")
        assert b"samspil_consumer_lag_events" in httpx.get(f"http://127.0.0.1:{port}/metrics").content
        second = samspil("serve", "--embedded")
        assert second.code == 1
        assert "another hub" in second.err


def test_ctrl_c_ends_a_hub_cleanly(samspil: Command) -> None:
    """No traceback, exit code 0."""
    port = free_port()
    with Command(samspil.home, {"SAMSPIL_PORT": str(port)}).running("serve", "--embedded") as process:
        until(lambda: is_ready(port), 60, "the hub to answer")
        os.kill(process.pid, signal.SIGINT)
        process.wait(30)
