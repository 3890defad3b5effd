"""Settings, all from the environment."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kernel.errors import Fatal
from producers.topics import Topics
from schemas.values import valid_cvr

EXPLAINED = {
    "SAMSPIL_DATA_DIR": "where the embedded PostgreSQL keeps its data (default: ~/.local/share/samspil)",
    "SAMSPIL_DATABASE_URL": "a PostgreSQL server: postgresql://owner:password@host/database, or as samspil_worker",
    "SAMSPIL_WORKER_PASSWORD": "the password of the role samspil_worker on that server",
    "SAMSPIL_WEB_PASSWORD": "the password of the role samspil_web on that server",
    "SAMSPIL_KAFKA": "the broker, host:port; without it consumers read the event store",
    "SAMSPIL_TOPIC_PREFIX": "the first word of every topic (default: samspil)",
    "SAMSPIL_PARTITIONS": "partitions of every topic when topics are made (default: 3)",
    "SAMSPIL_HOST": "the address the API listens on (default: 127.0.0.1)",
    "SAMSPIL_PORT": "the port the API listens on (default: 8080)",
    "SAMSPIL_OPERATOR": "CVR of who runs the hub, whose the shared facts are; with it the relay takes the inbox in too",
    "SAMSPIL_HEALTH_PORT": "a port on which relay, consume and deliver tell their health (default: none)",
    "SAMSPIL_METRICS_KEY": "the secret that /metrics asks for, 32 characters or more (default: this machine alone may)",
    "SAMSPIL_REDACTION_KEY": "the secret that keyed hashes of redacted events are made with",
    "SAMSPIL_WEBHOOK_KEY": "the secret that webhooks' secrets are derived from (default: one kept in the database)",
    "SAMSPIL_WEBHOOK_ALLOW": "networks of your own that webhooks may reach, by http too: 127.0.0.0/8,10.20.0.0/16",
    "SAMSPIL_SMTP": "the mail server that takes mails about alerts, host:port; without it none are sent",
    "SAMSPIL_MAIL_FROM": "who these mails are from (default: samspil@localhost)",
    "SAMSPIL_PSEUDONYM_KEY": "the secret that pseudonyms of persons are made with (default: one the database keeps)",
}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a process of the hub is told."""

    data_dir: Path
    database_url: str | None = None
    worker_password: str | None = None
    web_password: str | None = None
    kafka: str | None = None
    topics: Topics = field(default_factory=Topics)
    partitions: int = 3
    host: str = "127.0.0.1"
    port: int = 8080
    health_port: int | None = None
    operator: str | None = None
    metrics_key: bytes | None = field(default=None, repr=False)
    redaction_key: bytes | None = None
    webhook_key: bytes | None = None
    webhook_allow: tuple[str, ...] = ()
    smtp: str | None = None
    mail_from: str = "samspil@localhost"
    pseudonym_key: bytes | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Raises Fatal for a value that cannot be used."""
        get = environment.get
        return cls(
            data_dir=Path(get("SAMSPIL_DATA_DIR") or _default_data_dir(environment)),
            database_url=get("SAMSPIL_DATABASE_URL") or None,
            worker_password=get("SAMSPIL_WORKER_PASSWORD") or None,
            web_password=get("SAMSPIL_WEB_PASSWORD") or None,
            kafka=get("SAMSPIL_KAFKA") or None,
            topics=Topics(get("SAMSPIL_TOPIC_PREFIX") or "samspil"),
            partitions=_number("SAMSPIL_PARTITIONS", get("SAMSPIL_PARTITIONS") or "3"),
            host=get("SAMSPIL_HOST") or "127.0.0.1",
            port=_number("SAMSPIL_PORT", get("SAMSPIL_PORT") or "8080"),
            health_port=_number("SAMSPIL_HEALTH_PORT", stated) if (stated := get("SAMSPIL_HEALTH_PORT")) else None,
            operator=_cvr("SAMSPIL_OPERATOR", operator) if (operator := get("SAMSPIL_OPERATOR")) else None,
            metrics_key=_key("SAMSPIL_METRICS_KEY", key) if (key := get("SAMSPIL_METRICS_KEY")) else None,
            redaction_key=(get("SAMSPIL_REDACTION_KEY") or "").encode() or None,
            webhook_key=(get("SAMSPIL_WEBHOOK_KEY") or "").encode() or None,
            webhook_allow=tuple((get("SAMSPIL_WEBHOOK_ALLOW") or "").replace(",", " ").split()),
            smtp=_server("SAMSPIL_SMTP", smtp) if (smtp := get("SAMSPIL_SMTP")) else None,
            mail_from=get("SAMSPIL_MAIL_FROM") or "samspil@localhost",
            pseudonym_key=(get("SAMSPIL_PSEUDONYM_KEY") or "").encode() or None,
        )


def _default_data_dir(environment: Mapping[str, str]) -> Path:
    home = environment.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "samspil"


def _cvr(name: str, value: str) -> str:
    if not valid_cvr(value):
        raise Fatal(f"{name} is {value!r}, which is no CVR number", hint=EXPLAINED[name])
    return value


def _server(name: str, value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdecimal():
        raise Fatal(f"{name} is {value!r}, which is not host:port", hint=EXPLAINED[name])
    return value


def _key(name: str, value: str) -> bytes:
    """A secret that is sent in a header. What it is instead is not told."""
    if not re.fullmatch(r"[!-~]{32,}", value):
        raise Fatal(
            f"{name} is not 32 or more letters, digits and signs of ASCII, without spaces", hint=EXPLAINED[name]
        )
    return value.encode()


def _number(name: str, value: str) -> int:
    if not value.isdigit() or int(value) == 0:
        raise Fatal(f"{name} is {value!r}, which is not a whole number above 0", hint=EXPLAINED[name])
    return int(value)
