"""The full measurement of what a dead subscriber costs another."""

import pytest

from benchmarks.delivering import measure
from storage.database import Database


@pytest.mark.alone
@pytest.mark.slow
def test_beside_a_dead_subscriber_the_99th_percentile_stays_within_half_as_much_again(database: Database) -> None:
    """Median of five alternating pairs of runs, 2,000 deliveries each."""
    assert measure(database) <= 1.5
