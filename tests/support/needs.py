"""What a test needs from the machine: a visible skip where it is missing, a failure where it must be there."""

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip the test and say why; fail it instead when SAMSPIL_TEST_REQUIRE=1, which CI sets."""
    if os.environ.get("SAMSPIL_TEST_REQUIRE") == "1":
        pytest.fail(f"{reason} (SAMSPIL_TEST_REQUIRE=1 turns this skip into a failure)", pytrace=False)
    pytest.skip(reason)
