"""Rules: which there are, what one would have done, and adopting it."""

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from hub.output import as_mapping, print_line, print_rows
from hub.settings import Settings

from .look import AUTHORITY, JSON, KNOWN_AT, VALID_AT, parsed

FILE = Annotated[Path, typer.Argument(metavar="FILE", help="a rule as JSON")]
OF = Annotated[str, typer.Option("--authority", help="CVR of the authority whose rule it is")]
FROM = Annotated[str | None, typer.Option("--effective", help="the first day, YYYY-MM-DD (default: today)")]

app = typer.Typer(help="Rules: when this is told, then do that.", no_args_is_help=True)


@app.command()
def rules(
    authority: AUTHORITY = None, valid_at: VALID_AT = None, known_at: KNOWN_AT = None, as_json: JSON = False
) -> None:
    """The rules in force, with what they told and what failed.

    Example: samspil automation rules --authority 99000007
    """
    from hub.noticing import tell_lack
    from hub.opening import open_hub
    from hub.questions import ask

    from .look import times

    day, moment = times(valid_at, known_at)
    with open_hub(Settings.from_environment()) as hub:
        rows = [as_mapping(row) for row in ask(hub, "automation", "rules", authority, day, moment)]
        tell_lack(hub, "automation")
    columns = ("code", "version", "title", "event", "actions", "since", "by", "told", "failed", "problems")
    print_rows(rows, as_json=as_json, columns=columns, title="Rules")


@app.command()
def notices(authority: AUTHORITY = None, as_json: JSON = False) -> None:
    """What rules told people, the newest first.

    Example: samspil automation notices --authority 99000007
    """
    columns = ("recorded", "title", "text", "role", "person", "rule", "subject")
    _listed("notices", authority, columns, "Notices", as_json=as_json)


@app.command()
def failures(authority: AUTHORITY = None, as_json: JSON = False) -> None:
    """What rules should have done and could not, and why; the newest first.

    Example: samspil automation failures --authority 99000007
    """
    columns = ("recorded", "rule", "version", "action", "reason", "subject", "cause")
    _listed("failures", authority, columns, "Failures", as_json=as_json)


def _listed(question: str, authority: str | None, columns: tuple[str, ...], title: str, *, as_json: bool) -> None:
    from hub.noticing import tell_lack
    from hub.opening import open_hub
    from hub.questions import ask

    with open_hub(Settings.from_environment()) as hub:
        rows = [as_mapping(row) for row in ask(hub, "automation", question, authority, None, None)]
        tell_lack(hub, "automation")
    print_rows(rows, as_json=as_json, columns=columns, title=title)


@app.command("try")
def try_(
    file: FILE,
    authority: OF,
    first: Annotated[str | None, typer.Option("--from", help="events recorded on this day or later")] = None,
    last: Annotated[str | None, typer.Option("--to", help="events recorded on this day or earlier")] = None,
    as_json: JSON = False,
) -> None:
    """What a rule would have told of what has happened; nothing is told.

    Example: samspil automation try regel.json --authority 99000007 --from 2026-01-01
    """
    from hub.automating import read_rule, tried
    from hub.opening import open_hub
    from hub.repairing import local_actor
    from hub.words import require_authority

    begins: date = parsed(date.fromisoformat, first, "--from", "YYYY-MM-DD") or date.min
    ends: date = parsed(date.fromisoformat, last, "--to", "YYYY-MM-DD") or date.max
    rule = read_rule(_content(file), local_actor())
    with open_hub(Settings.from_environment()) as hub:
        require_authority(hub, authority)
        rows = [as_mapping(row) for row in tried(hub, authority, rule, begins, ends)]
    print_rows(rows, as_json=as_json, columns=("position", "time", "action", "type", "subject"), title=rule.title)
    if not as_json:
        told = Counter(row["type"].split(".", 2)[2] for row in rows)
        print_line("; ".join(f"{number} {name}" for name, number in sorted(told.items())) or "nothing would be told")


@app.command()
def adopt(file: FILE, authority: OF, effective: FROM = None) -> None:
    """Adopt a rule: it holds for what is recorded from now on. A changed rule is a new version.

    Example: samspil automation adopt regel.json --authority 99000007
    """
    from hub.automating import adopt as decide
    from hub.automating import read_rule
    from hub.opening import open_hub
    from hub.repairing import local_actor

    rule = read_rule(_content(file), local_actor())
    with open_hub(Settings.from_environment()) as hub:
        decide(hub, authority, rule, _day(effective))
    print_line(f"adopted {rule.code} version {rule.version}")


@app.command()
def withdraw(
    code: Annotated[str, typer.Argument(metavar="CODE", help="the rule's code")],
    authority: OF,
    reason: Annotated[str, typer.Option(help="why")],
    effective: FROM = None,
) -> None:
    """Let a rule hold no longer.

    Example: samspil automation withdraw case.decided --authority 99000007 --reason "gøres i fagsystemet"
    """
    from hub.automating import withdraw as decide
    from hub.opening import open_hub

    with open_hub(Settings.from_environment()) as hub:
        decide(hub, authority, code, reason, _day(effective))
    print_line(f"withdrawn {code}")


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be read: {error.strerror}", param_hint="FILE") from None


def _day(stated: str | None) -> date | None:
    day: date | None = parsed(date.fromisoformat, stated, "--effective", "YYYY-MM-DD")
    return day
