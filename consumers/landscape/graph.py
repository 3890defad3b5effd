"""The landscape as a graph: usages, data sources, suppliers and shared systems, and what stands between them; pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

from consumers.runtime.links import Named
from kernel.alphabet import alphabetical

from .rows import RelationRow, SystemRow

NodeKind = Literal["usage", "data-source", "supplier", "system"]
EdgeKind = Literal["data", "supplies", "is-use-of"]


@dataclass(frozen=True, slots=True)
class Node:
    """Something in the landscape; `known` is false when it is only spoken of."""

    id: str
    kind: NodeKind
    name: str
    known: bool = True


@dataclass(frozen=True, slots=True)
class Edge:
    """Data that go from one to the other, a supplier of a usage, or a usage of a system that several usages share."""

    source: str
    target: str
    kind: EdgeKind
    data: tuple[str, ...] = ()
    frequency: str | None = None


@dataclass(frozen=True)
class Graph:
    """Nodes by kind and name, edges in the order of their ends."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def beside(self) -> Mapping[str, frozenset[str]]:
        """Those that each node has an edge with, whichever way it goes."""
        found = defaultdict[str, set[str]](set)
        for edge in self.edges:
            found[edge.source].add(edge.target)
            found[edge.target].add(edge.source)
        return {node: frozenset(others) for node, others in found.items()}


def graph_of(systems: Sequence[SystemRow], relations: Iterable[RelationRow]) -> Graph:
    """The graph of what `queries.systems` and `queries.relations` answered for the same day."""
    nodes: dict[str, Node] = {}
    edges: set[Edge] = set()
    uses = defaultdict[str, list[SystemRow]](list)
    for row in systems:
        nodes[row.id] = Node(row.id, "usage", row.name)
        uses[row.system.id].append(row)
        if row.supplier is not None:
            nodes.setdefault(row.supplier.id, _node(row.supplier, "supplier"))
            edges.add(Edge(row.supplier.id, row.id, "supplies"))
    for sharing in uses.values():
        if len(sharing) > 1:
            nodes.setdefault(sharing[0].system.id, _node(sharing[0].system, "system"))
            edges.update(Edge(row.id, row.system.id, "is-use-of") for row in sharing)
    for relation in relations:
        provider_kind: NodeKind = "usage" if relation.kind == "system" else "data-source"
        nodes.setdefault(relation.user.id, _node(relation.user, "usage"))
        nodes.setdefault(relation.provider.id, _node(relation.provider, provider_kind))
        if relation.via is not None:
            nodes.setdefault(relation.via.id, _node(relation.via, "data-source"))
        edges.update(_data(relation))
    return Graph(
        tuple(sorted(nodes.values(), key=lambda node: (node.kind, alphabetical(node.name), node.id))),
        tuple(sorted(edges, key=lambda edge: (edge.source, edge.target, edge.kind, edge.data, edge.frequency or ""))),
    )


def around(graph: Graph, centre: str, steps: int, *, at_most: int) -> Graph:
    """What is within so many steps of `centre`, the nearest and best connected first, and what is between them.

    Nobody is led on through a supplier: what else it delivers says nothing of what hangs together.
    """
    reached = {centre}
    edge_of_reach = [centre]
    for _ in range(steps):
        met = {
            other for node in edge_of_reach if _leads_on(graph, node, centre) for other in graph.beside.get(node, ())
        }
        edge_of_reach = sorted(met - reached, key=lambda node: (-len(graph.beside[node]), node))
        edge_of_reach = edge_of_reach[: max(0, at_most - len(reached))]
        reached.update(edge_of_reach)
    return Graph(
        tuple(node for node in graph.nodes if node.id in reached),
        tuple(edge for edge in graph.edges if edge.source in reached and edge.target in reached),
    )


def best_connected(graph: Graph) -> str | None:
    """The usage with most neighbours, the first by name of several; None in an empty landscape."""
    usages = [node for node in graph.nodes if node.kind == "usage"]
    return max(usages, key=lambda node: len(graph.beside.get(node.id, ()))).id if usages else None


def _leads_on(graph: Graph, node: str, centre: str) -> bool:
    return node == centre or (node in graph.by_id and graph.by_id[node].kind != "supplier")


def _node(named: Named, kind: NodeKind) -> Node:
    return Node(named.id, kind, named.name or named.id, named.known)


def _data(relation: RelationRow) -> Iterable[Edge]:
    """The way the data go: from whom they are read, to whom they are written, and through what."""
    user, provider = relation.user.id, relation.provider.id
    passed = [provider, relation.via.id, user] if relation.via is not None else [provider, user]
    if relation.data_flow in ("read", "both"):
        for giver, taker in pairwise(passed):
            yield Edge(giver, taker, "data", relation.data, relation.frequency)
    if relation.data_flow in ("write", "both"):
        for giver, taker in pairwise(reversed(passed)):
            yield Edge(giver, taker, "data", relation.data, relation.frequency)
