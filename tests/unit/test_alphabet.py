"""The order of names in lists."""

from kernel.alphabet import alphabetical


def test_the_danish_letters_come_last_and_in_their_order() -> None:
    """... z, æ, ø, å; a Swedish ä is sorted as æ, an ö as ø. Capitals, accents and encoding do not count."""
    inorder = ["abe", "Éclair", "ekko", "Zebra", "Ägg", "ærø", "Öland", "Ørsted", "øst", "A\u030al", "Aalborg", "Århus"]
    assert sorted(sorted(inorder), key=alphabetical) == inorder


def test_what_has_no_name_comes_first() -> None:
    """Lists of what sources left unnamed begin with it, where it is seen."""
    assert sorted(["b", None, "a"], key=alphabetical) == [None, "a", "b"]
