"""Identifiers: random ones for what is new, derived ones for what follows from something else."""

from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

_SAMSPIL = uuid5(NAMESPACE_URL, "https://samspil.dk/ids")


def new_id() -> str:
    """A random UUID for something that has no identity of its own yet."""
    return str(uuid4())


def derived_id(*parts: object) -> str:
    """The UUIDv5 of `parts`: the same parts give the same id on every machine and in every run.

    Parts are joined with their lengths, so `("ab", "c")` and `("a", "bc")` differ.
    """
    return str(uuid5(_SAMSPIL, "".join(f"{len(text)}:{text}" for text in map(str, parts))))


def subject_id(authority: str, source: str, local_id: str) -> UUID:
    """The UUID of a subject that its source knows by a local id only."""
    return UUID(derived_id("subject", authority, source, local_id))
