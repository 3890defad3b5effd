"""Who loses which data when something in the landscape is switched off, and what is shown around one system."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consumers.landscape.graph import Edge, Graph, Node, around, best_connected, graph_of
from consumers.landscape.impact import impact, switched_off_with
from consumers.landscape.rows import RelationRow, SystemRow
from consumers.runtime.links import Named

IDS = "abcdefgh"
flows = st.builds(
    Edge,
    source=st.sampled_from(IDS),
    target=st.sampled_from(IDS),
    kind=st.just("data"),
    data=st.sets(st.sampled_from(["addresses", "benefits", "persons"])).map(sorted).map(tuple),
    frequency=st.sampled_from(["daily", "monthly", None]),
)
landscapes = st.lists(flows, max_size=16)


def graph(*edges: Edge) -> Graph:
    return Graph(tuple(Node(each, "usage", each.upper()) for each in IDS), edges)


def data(source: str, target: str, *names: str, frequency: str | None = None) -> Edge:
    return Edge(source, target, "data", names, frequency)


def told(*edges: Edge, off: str = "a") -> list[tuple[str, str, str | None, int, str]]:
    """The losses as (who, from whom, what, step, still from)."""
    return [
        (loss.taker.id, loss.giver.id, loss.data, loss.step, "".join(other.id for other in loss.still_from))
        for loss in impact(graph(*edges), {off})
    ]


def test_data_are_followed_by_their_name() -> None:
    """Whoever got addresses from what is off passes on no addresses; its own benefits it still gives."""
    assert told(data("a", "b", "addresses"), data("b", "c", "addresses", "benefits")) == [
        ("b", "a", "addresses", 1, ""),
        ("c", "b", "addresses", 2, ""),
    ]


def test_data_without_a_name_are_lost_and_followed_no_further() -> None:
    """Nobody can say whether what is passed on is the same."""
    assert told(data("a", "b"), data("b", "c")) == [("b", "a", None, 1, "")]


def test_another_giver_is_named_only_if_it_does_not_itself_depend_on_what_is_off() -> None:
    """d gives addresses of its own; c has them from a."""
    edges = data("a", "b", "addresses"), data("d", "b", "addresses"), data("a", "c", "addresses")
    assert ("b", "a", "addresses", 1, "d") in told(*edges, data("c", "b", "addresses"))


def test_data_that_go_round_end() -> None:
    """Two that read each other both lose what neither has of its own."""
    edges = data("a", "b", "addresses"), data("b", "c", "addresses"), data("c", "b", "addresses")
    assert [loss[:4] for loss in told(*edges)] == [
        ("b", "a", "addresses", 1),
        ("c", "b", "addresses", 2),
        ("b", "c", "addresses", 3),
    ]


def test_how_often_they_came_is_told_once_each() -> None:
    """Two relations between the same two, of the same data."""
    edges = data("a", "b", "addresses", frequency="daily"), data("a", "b", "addresses", frequency="monthly")
    assert [loss.frequencies for loss in impact(graph(*edges), {"a"})] == [("daily", "monthly")]


@given(landscapes, st.sampled_from(IDS))
def test_every_loss_is_of_data_that_were_given(edges: list[Edge], off: str) -> None:
    """And all that the one which is off gave to others is lost."""
    given_data = {(edge.target, edge.source, name) for edge in edges for name in edge.data or (None,)}
    lost = {(taker, giver, name) for taker, giver, name, *_ in told(*edges, off=off)}
    assert lost <= given_data
    assert lost >= {each for each in given_data if each[1] == off != each[0]}
    assert off not in {taker for taker, *_ in lost}


@given(landscapes, st.sampled_from(IDS))
def test_a_loss_further_off_comes_of_one_nearer(edges: list[Edge], off: str) -> None:
    """A giver that is not off lost the same data one step before, and no sooner."""
    losses = told(*edges, off=off)
    for _, giver, name, step, _ in losses:
        before = [each[3] for each in losses if (each[0], each[2]) == (giver, name)]
        assert step == (1 if giver == off else min(before) + 1)


@given(landscapes, flows, st.sampled_from(IDS))
def test_one_more_relation_takes_no_loss_away(edges: list[Edge], more: Edge, off: str) -> None:
    """It can only add a loss, or another giver."""
    assert {each[:3] for each in told(*edges, off=off)} <= {each[:3] for each in told(*edges, more, off=off)}


@given(landscapes, st.sampled_from(IDS), st.randoms(use_true_random=False))
def test_the_order_of_relations_says_nothing(edges: list[Edge], off: str, random: Random) -> None:
    """The same relations in any order give the same losses."""
    mixed = sorted(edges, key=lambda _: random.random())
    assert told(*mixed, off=off) == told(*edges, off=off)


@given(landscapes, st.sampled_from(IDS), st.integers(0, 3), st.integers(1, 9))
def test_a_neighbourhood_hangs_together_and_is_no_larger_than_asked(
    edges: list[Edge], centre: str, steps: int, at_most: int
) -> None:
    """Every node of it is reached from the centre within it, in so many steps."""
    near = around(graph(*edges), centre, steps, at_most=at_most)
    assert centre in near.by_id
    assert len(near.nodes) <= at_most
    assert around(near, centre, steps, at_most=at_most).nodes == near.nodes


def usage(name: str, *, system: str | None = None, supplier: str | None = None) -> SystemRow:
    return SystemRow(
        id=name,
        name=name,
        local_id=None,
        system=Named(system or f"system of {name}", system),
        life_cycle="operational",
        supplier=Named(supplier, supplier) if supplier else None,
        rights_holder=None,
        owners=(),
        responsible_unit=None,
        using_units=(),
        main_contract=None,
        unresolved=(),
    )


def relation(
    user: str, provider: str, flow: str = "read", *, source: bool = False, via: str | None = None
) -> RelationRow:
    return RelationRow(
        kind="data-source" if source else "system",
        id=f"{user}-{provider}",
        local_id=None,
        user=Named(user, user),
        provider=Named(provider, provider),
        via=Named(via, via) if via else None,
        interface=None,
        frequency="daily",
        data_flow=flow,  # type: ignore[arg-type]
        data=("addresses",),
        contract=None,
        unresolved=(),
    )


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        (relation("b", "a"), ["a-b"]),
        (relation("b", "a", "write"), ["b-a"]),
        (relation("b", "a", "both"), ["a-b", "b-a"]),
        (relation("b", "a", source=True, via="copy"), ["a-copy", "copy-b"]),
    ],
)
def test_an_edge_points_where_the_data_go(stated: RelationRow, expected: list[str]) -> None:
    """Read from the provider, written to it, or both; through the copy that stands between."""
    edges = graph_of([usage("b")], [stated]).edges
    assert [f"{edge.source}-{edge.target}" for edge in edges] == expected


def test_a_supplier_that_stops_takes_all_its_systems_with_it() -> None:
    """And a system that several usages share takes those."""
    rows = [usage("x", supplier="Firm", system="Shared"), usage("y", supplier="Firm"), usage("z", system="Shared")]
    landscape = graph_of(rows, [])
    assert switched_off_with(landscape, "Firm") == {"Firm", "x", "y"}
    assert switched_off_with(landscape, "Shared") == {"Shared", "x", "z"}
    assert switched_off_with(landscape, "x") == {"x"}


def test_nobody_is_led_on_through_a_supplier() -> None:
    """What else the firm delivers says nothing of what hangs together; around the firm itself it is all."""
    landscape = graph_of([usage("x", supplier="Firm"), usage("y", supplier="Firm")], [])
    assert {node.id for node in around(landscape, "x", 3, at_most=9).nodes} == {"x", "Firm"}
    assert {node.id for node in around(landscape, "Firm", 1, at_most=9).nodes} == {"x", "y", "Firm"}


def test_the_best_connected_is_a_usage_and_an_empty_landscape_has_none() -> None:
    """Data sources and suppliers have many neighbours by their nature."""
    rows = [usage("x"), usage("y"), usage("z")]
    landscape = graph_of(rows, [relation("x", "z"), relation("y", "z"), relation("x", "register", source=True)])
    assert best_connected(landscape) == "x"
    assert best_connected(graph_of([], [])) is None
