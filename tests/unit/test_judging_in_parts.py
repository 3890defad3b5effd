"""What is judged at once: whole nets of ties, and not too many documents."""

from hypothesis import given
from hypothesis import strategies as st

from consumers.invoice_control.touched import AT_ONCE, Node, in_parts

SIZES = st.lists(st.lists(st.integers(0, AT_ONCE * 2), min_size=1, max_size=3), max_size=8)


@given(sizes=SIZES)
def test_parts_are_whole_nets_of_so_many_documents(sizes: list[list[int]]) -> None:
    """Every net is in one part, nothing is lost, and only a net that is too large by itself makes a larger part."""
    nets: list[list[Node]] = [[("number", f"{at}-{n}") for n in range(len(net))] for at, net in enumerate(sizes)]
    documents = {
        name: size for net, each in zip(nets, sizes, strict=True) for (_, name), size in zip(net, each, strict=True)
    }
    parts = list(in_parts(nets, documents))
    assert [net for part in parts for net in part] == nets
    for part in parts:
        assert len(part) == 1 or sum(documents[name] for net in part for _, name in net) <= AT_ONCE


def test_nothing_to_judge() -> None:
    """No nets, no parts."""
    assert list(in_parts([], {})) == []
