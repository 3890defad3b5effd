"""The order of names in lists."""

from kernel.alphabet import alphabetical


def test_the_danish_letters_come_last_and_in_their_order() -> None:
    """Retskrivningsordbogen: ... z, æ, ø, å; a Swedish ä is sorted as æ, an ö as ø. Capitals make no difference."""
    names = ["Ørsted", "ærø", "Zebra", "Århus", "ål", "Öland", "Ägg", "abe", "øst"]
    assert sorted(names, key=alphabetical) == ["abe", "Zebra", "Ägg", "ærø", "Öland", "Ørsted", "øst", "ål", "Århus"]


def test_what_has_no_name_comes_first() -> None:
    """Lists of what sources left unnamed begin with it, where it is seen."""
    assert sorted(["b", None, "a"], key=alphabetical) == [None, "a", "b"]
