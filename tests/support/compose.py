"""What `docker-compose.yml` says."""

from typing import Any

import yaml

from tests.support.kafka.settings import repository

HUB_IMAGE = "samspil"


def compose() -> dict[str, Any]:
    """The whole file, anchors and merges resolved, variables as they are written."""
    loaded: dict[str, Any] = yaml.safe_load((repository() / "docker-compose.yml").read_text())
    return loaded


def compose_commands() -> dict[str, list[str]]:
    """The arguments `samspil` gets, by service, for each service that runs the hub's image."""
    services: dict[str, dict[str, Any]] = compose()["services"]
    return {
        name: list(service["command"])
        for name, service in services.items()
        if service["image"].partition(":")[0] == HUB_IMAGE
    }
