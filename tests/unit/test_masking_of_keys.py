"""Keys may not hold CPR numbers, and UUIDs are not mistaken for them."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as some

from kernel.masking import holds_written_cpr, names_cpr


@pytest.mark.guarantee
@pytest.mark.parametrize("key", ["010190-1234", "invoice:010190-1234", "file:a010190-1234b.xml", "610190-1234"])
def test_a_written_cpr_number_in_a_key_is_seen(key: str) -> None:
    """Wherever it stands in the key, also with the day of a replacement number."""
    assert holds_written_cpr(key)


@pytest.mark.guarantee
@given(some.uuids())
def test_no_uuid_reads_as_a_cpr_number(uuid: UUID) -> None:
    """A random id must never be refused as a key."""
    assert not holds_written_cpr(f"32264328:{uuid}")


def test_digits_within_a_uuid_are_chance() -> None:
    """This one holds what would be a CPR number of 30 November 1979."""
    assert not holds_written_cpr("1a301179-7874-5bc3-84ad-c052672cfe28")


def test_a_cpr_number_beside_a_uuid_is_seen() -> None:
    """Leaving UUIDs out does not hide what stands beside one."""
    assert holds_written_cpr("1a301179-7874-5bc3-84ad-c052672cfe28:010190-1234")


@pytest.mark.guarantee
@pytest.mark.parametrize(
    "name", ["0101901234", "urn:cases:0101901234", "urn:x:0101901234:y", "a-6101901234", "x_0101901234"]
)
def test_ten_digits_that_begin_with_a_date_are_seen_in_a_name(name: str) -> None:
    """As a part of their own, whatever divides the parts; the check digit is not asked for, as since 2007."""
    assert names_cpr(name)


@pytest.mark.parametrize("name", ["urn:99000007:invoices", "urn:p1003403123", "urn:4500017731", "urn:20260101901234"])
def test_other_digits_in_a_name_are_left(name: str) -> None:
    """CVR numbers, what is glued to a letter, what is no date, and longer numbers."""
    assert not names_cpr(name)


@given(some.uuids())
def test_no_uuid_in_a_name_reads_as_a_cpr_number(uuid: UUID) -> None:
    """None of its parts has ten digits."""
    assert not names_cpr(f"urn:uuid:{uuid}")
