"""The order of the Danish alphabet, for lists that people read."""

from unicodedata import combining, normalize

_LAST = str.maketrans({"æ": "{a", "ä": "{a", "ø": "{b", "ö": "{b", "å": "{c", "ü": "y"})
"""After z come æ, ø and å, Swedish letters with them; a brace comes after z. Source: Unicode CLDR, collation `da`."""


def alphabetical(name: str | None) -> str:
    """What names are sorted by: capitals and accents make no difference, and `aa` is an å, as in Aabenraa."""
    folded = normalize("NFC", name or "").casefold()
    if folded.isascii():
        return folded.replace("aa", "{c")
    spelt = folded.translate(_LAST).replace("aa", "{c")
    return "".join(letter for letter in normalize("NFD", spelt) if not combining(letter))
