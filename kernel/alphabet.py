"""The order of the Danish alphabet, for lists that people read."""

_LAST = str.maketrans({"æ": "{a", "ä": "{a", "ø": "{b", "ö": "{b", "å": "{c"})
"""After z come æ, ø and å, Swedish letters with them (Retskrivningsordbogen); a brace comes after z."""


def alphabetical(name: str | None) -> str:
    """What names are sorted by: capitals like small letters, æ, ø and å last."""
    return (name or "").casefold().translate(_LAST)
