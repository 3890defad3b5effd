"""The guarantees as the page that people read: `docs/guarantees.md` is this, word for word."""

from collections.abc import Iterator, Sequence

from tests.guarantees.declared import Guarantee

HEAD = """# The guarantees

What holds whatever happens: a killed process, a frozen one, a bad release, a late fact. Each sentence stands here with
the mechanisms that make it true and the tests that prove them. For every mechanism there is also a test that switches
it off and shows what then goes wrong, so that no proof proves nothing.

`make guarantees` runs them all, says for each sentence whether it holds, and ends with how many do. It needs a Kafka
broker (Docker, or Java 17 and Maven, or `SAMSPIL_TEST_KAFKA=host:port`) and fails without one. The page is made by
`python -m tests.guarantees --page`; a test holds that it and the list are the same.
"""


def page(guarantees: Sequence[Guarantee]) -> str:
    """The whole page as Markdown."""
    return "\n".join([HEAD, *(line for guarantee in guarantees for line in _section(guarantee))])


def _section(guarantee: Guarantee) -> Iterator[str]:
    yield f"## {guarantee.number}. {guarantee.sentence}\n"
    for mechanism in guarantee.mechanisms:
        yield f"- {mechanism.what}"
        yield from _tests("proved by", mechanism.proofs)
        yield from _tests("without it", mechanism.without)
    yield ""


def _tests(label: str, tests: Sequence[str]) -> Iterator[str]:
    by_file: dict[str, list[str]] = {}
    for test in tests:
        file, name = test.split("::")
        by_file.setdefault(file, []).append(f"`{name}`")
    for file, names in by_file.items():
        yield f"  - {label}, in [{file.rpartition('/')[2]}](../{file}): {', '.join(names)}"
