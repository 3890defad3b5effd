"""The full measurement of what a dead subscriber costs another."""

import gc
from collections.abc import Iterator

import pytest

from benchmarks.delivering import measure
from hub.memory import calm_garbage_collector
from storage.database import Database


@pytest.fixture
def memory_of_a_hub() -> Iterator[None]:
    """Garbage is looked for as a process of the hub does: among all that tests load, a look takes 100 ms."""
    usual = gc.get_threshold()
    calm_garbage_collector()
    yield
    gc.unfreeze()
    gc.set_threshold(*usual)


@pytest.mark.alone
@pytest.mark.slow
@pytest.mark.usefixtures("memory_of_a_hub")
def test_beside_a_dead_subscriber_the_99th_percentile_stays_within_half_as_much_again(database: Database) -> None:
    """Median of five alternating pairs of runs, 2,000 deliveries each."""
    assert measure(database) <= 1.5
