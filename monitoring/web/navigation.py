"""The main menu."""

NAVIGATION: tuple[str, ...] = (
    "today",
    "landscape",
    "contracts",
    "portfolio",
    "workflows",
    "alerts",
    "cases",
    "events",
    "operations",
)
"""The pages in the main menu, in its order; each is `/web/<authority>/<name>` and has the text `nav.<name>`."""
