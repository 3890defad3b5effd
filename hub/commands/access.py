"""Who may: keys and agreements."""

from typing import Annotated

import typer
from sqlalchemy import select

from hub.output import print_json, print_line, print_rows
from hub.settings import Settings
from kernel.errors import Invalid
from schemas.values import Sensitivity

JSON = Annotated[bool, typer.Option("--json", help="JSON")]
BY = Annotated[str, typer.Option(help="the person who does it")]

app = typer.Typer(help="Principals, their keys, and the agreements that say what they may.", no_args_is_help=True)
key = typer.Typer(help="API keys of systems and people.", no_args_is_help=True)
agreement = typer.Typer(help="Agreements: requested by one, approved by another.", no_args_is_help=True)
app.add_typer(key, name="key")
source = typer.Typer(help="Names of sources: each is one system's.", no_args_is_help=True)
app.add_typer(agreement, name="agreement")
app.add_typer(source, name="source")


@key.command("add")
def key_add(
    name: Annotated[str, typer.Argument(help="what the principal is called")],
    person: Annotated[bool, typer.Option("--person", help="a person, not a system")] = False,
    registrar: Annotated[
        bool, typer.Option("--registrar", help="may publish facts for all authorities as the operator")
    ] = False,
    as_json: JSON = False,
) -> None:
    """Make a principal and print its key: it is shown this once.

    Example: samspil access key add kitos-egesoe
    """
    from access.agreements import principal_changed
    from access.principals import LOCAL, add_principal
    from hub.delivering import teller
    from hub.opening import open_hub

    settings = Settings.from_environment()
    if registrar and settings.operator is None:
        raise Invalid("in whose name does the registrar publish?", hint="set SAMSPIL_OPERATOR to the operator's CVR")
    with open_hub(settings) as hub, hub.database.worker.begin() as connection:
        operator = settings.operator if registrar else None
        made = add_principal(connection, name, "person" if person else "system", registrar=operator)
        teller(hub)(connection, principal_changed(connection, name, by=LOCAL, operator=settings.operator))
    if as_json:
        print_json({"name": name, "key": made})
    else:
        print_line(made)


@key.command("end")
def key_end(name: Annotated[str, typer.Argument(help="the principal")], by: BY = "local command line") -> None:
    """End a principal: its key is refused from now on.

    Example: samspil access key end kitos-egesoe
    """
    from access.agreements import principal_changed
    from access.principals import end_principal
    from hub.delivering import teller
    from hub.opening import open_hub

    settings = Settings.from_environment()
    with open_hub(settings) as hub, hub.database.worker.begin() as connection:
        end_principal(connection, name, by=by)
        teller(hub)(connection, principal_changed(connection, name, by=by, operator=settings.operator))
    print_line(f"ended {name}")


@agreement.command("request")
def agreement_request(
    principal: Annotated[str, typer.Argument(help="the principal's name")],
    authority: Annotated[str, typer.Option(help="CVR of the authority")],
    types: Annotated[list[str], typer.Option("--type", help="a type such as invoice.received, invoice.*, or *")],
    by: BY,
    receive: Annotated[bool, typer.Option("--receive", help="to receive instead of to send")] = False,
    max_sensitivity: Annotated[
        Sensitivity, typer.Option(help="the most closely kept data that a receiver gets")
    ] = "internal",
    purpose: Annotated[str, typer.Option(help="what it is for")] = "",
    as_json: JSON = False,
) -> None:
    """Ask for an agreement; prints its id.

    Example: samspil access agreement request kitos-egesoe --authority 99000007 --type "system.*" --by mette
    """
    from access.agreements import request_agreement
    from hub.delivering import teller
    from hub.opening import open_hub
    from hub.words import require_types

    require_types(types)
    with open_hub(Settings.from_environment()) as hub, hub.database.worker.begin() as connection:
        made = request_agreement(
            connection,
            authority,
            principal,
            "receive" if receive else "send",
            types,
            by=by,
            purpose=purpose,
            max_sensitivity=max_sensitivity,
            tell=teller(hub),
        )
    if as_json:
        print_json({"agreement": made})
    else:
        print_line(made)


@agreement.command("approve")
def agreement_approve(agreement_id: Annotated[str, typer.Argument(metavar="ID")], by: BY) -> None:
    """Approve an agreement that somebody else asked for; it is active from now on.

    Example: samspil access agreement approve 3f0c... --by ole
    """
    from access.agreements import approve_agreement
    from hub.delivering import teller
    from hub.opening import open_hub

    with open_hub(Settings.from_environment()) as hub, hub.database.worker.begin() as connection:
        approve_agreement(connection, agreement_id, by=by, tell=teller(hub))
    print_line("active")


@agreement.command("end")
def agreement_end(agreement_id: Annotated[str, typer.Argument(metavar="ID")], by: BY) -> None:
    """End an agreement: what it allowed is refused from now on.

    Example: samspil access agreement end 3f0c... --by ole
    """
    from access.agreements import end_agreement
    from hub.delivering import teller
    from hub.opening import open_hub

    with open_hub(Settings.from_environment()) as hub, hub.database.worker.begin() as connection:
        end_agreement(connection, agreement_id, by=by, tell=teller(hub))
    print_line("ended")


@agreement.command("list")
def agreement_list(as_json: JSON = False) -> None:
    """Every agreement with its state.

    Example: samspil access agreement list
    """
    from access.tables import AGREEMENT, PRINCIPAL
    from hub.opening import open_hub

    query = (
        select(AGREEMENT, PRINCIPAL.c.name.label("name"))
        .join(PRINCIPAL, PRINCIPAL.c.id == AGREEMENT.c.principal)
        .order_by(AGREEMENT.c.authority, PRINCIPAL.c.name, AGREEMENT.c.id)
    )
    with open_hub(Settings.from_environment()) as hub, hub.database.worker.connect() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    columns = ("id", "authority", "name", "direction", "types", "max_sensitivity", "status", "requested_by")
    print_rows(rows, as_json=as_json, columns=columns, title="Agreements")


@source.command("list")
def source_list(as_json: JSON = False) -> None:
    """Every name of a source, with the system that sends under it.

    Example: samspil access source list
    """
    from access.tables import PRINCIPAL, SOURCE
    from hub.opening import open_hub

    query = (
        select(SOURCE.c.authority, SOURCE.c.source, PRINCIPAL.c.name, SOURCE.c.claimed)
        .join(PRINCIPAL, PRINCIPAL.c.id == SOURCE.c.principal)
        .order_by(SOURCE.c.authority, SOURCE.c.source)
    )
    with open_hub(Settings.from_environment()) as hub, hub.database.worker.connect() as connection:
        rows = [dict(row) for row in connection.execute(query).mappings()]
    print_rows(rows, as_json=as_json, columns=("authority", "source", "name", "claimed"), title="Sources")


@source.command("transfer")
def source_transfer(
    name: Annotated[str, typer.Argument(metavar="SOURCE", help="the source, as its events name it")],
    authority: Annotated[str, typer.Option(help="CVR of the authority whose facts it sends")],
    to: Annotated[str, typer.Option(help="the system that is to send under it")],
    by: BY,
) -> None:
    """Hand a name over to another system: who had it is refused from now on.

    Example: samspil access source transfer urn:egesoe:kitos --authority 99000007 --to kitos-2 --by ole
    """
    from access.sources import transfer
    from hub.opening import open_hub

    with open_hub(Settings.from_environment()) as hub, hub.database.worker.begin() as connection:
        transfer(connection, authority, name, to, by=by)
    print_line(f"{name} is {to}'s")
