"""Subscriptions on the command line, and deliveries of a hub that serves."""

from tests.support.command import Command, commanding
from tests.support.delivering import AUTHORITY
from tests.support.receiver import receiving
from tests.support.serving import free_port
from tests.support.wait import until


def test_a_hub_that_serves_delivers_what_was_subscribed_to() -> None:
    """From the agreement to the receiver, with nothing but commands; pausing is told, and status counts."""
    with commanding() as bare, receiving() as receiver:
        samspil = Command(bare.home, {"SAMSPIL_WEBHOOK_ALLOW": "127.0.0.0/8", "SAMSPIL_PORT": str(free_port())})
        samspil("access", "key", "add", "bi")
        asked = samspil(
            "access", "agreement", "request", "bi", "--authority", AUTHORITY, "--type", "hub.*", "--by", "mette",
            "--receive", "--max-sensitivity", "personal",
        )  # fmt: skip
        assert samspil("access", "agreement", "approve", asked.out.strip(), "--by", "ole").code == 0
        made = samspil(
            "subscriptions", "add", "bi", "--authority", AUTHORITY, "--type", "hub.agreement-changed",
            "--way", "webhook", "--address", receiver.url, "--after", "0", "--json",
        )  # fmt: skip
        (told,) = made.lines
        with samspil.running("serve", "--embedded"):
            until(lambda: len(receiver.accepted) == 2, 60, "the agreement, as asked for and as approved")
            until(lambda: samspil("subscriptions", "log", "--json").lines, 60, "the log")
        statuses = [each.verified(told["secret"])["data"]["status"] for each in receiver.log]
        assert statuses == ["requested", "active"]
        (row,) = samspil("subscriptions", "list", "--json").lines
        assert (row["id"], row["subscriber"], row["status"]) == (told["subscription"], "bi", "active")
        assert samspil("subscriptions", "pause", told["subscription"], "--reason", "flytter").code == 0
        assert samspil("status", "--json").lines[0]["deliveries"] == {
            "delivered": 2,
            "failed": 0,
            "active": 0,
            "paused": 1,
            "retrying": 0,
        }
        assert samspil("subscriptions", "resume", told["subscription"]).code == 0
        assert samspil("subscriptions", "end", told["subscription"]).code == 0
        refused = samspil("subscriptions", "resume", told["subscription"])
        assert (refused.code, "ended" in refused.err) == (1, True)
