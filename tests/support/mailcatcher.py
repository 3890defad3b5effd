"""A real mail server on this machine that keeps what it gets."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from tests.support.serving import free_port


@dataclass
class Mails:
    """The mails that came; with `refuses` it takes none."""

    server: str
    caught: list[EmailMessage] = field(default_factory=list)
    tried: int = 0
    refuses: bool = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        self.tried += 1
        if self.refuses:
            return "451 later"
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.caught.append(mail)
        return "250 taken"


@contextmanager
def catching_mails() -> Iterator[Mails]:
    """A mail server until the end of the block."""
    port = free_port()
    mails = Mails(f"127.0.0.1:{port}")
    controller = Controller(mails, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield mails
    finally:
        controller.stop()
