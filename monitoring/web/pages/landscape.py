"""The landscape: one system with what is around it, who loses which data when it is switched off, and every system."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from consumers.landscape import queries
from consumers.landscape.graph import Edge, Graph, Node, around, best_connected, graph_of
from consumers.landscape.impact import Loss, impact, switched_off_with
from kernel.alphabet import alphabetical
from kernel.masking import mask_written
from monitoring.web.frame import Here, Visit
from monitoring.web.paging import SIZE, Page, offset

from .asof import AsOfDay, OnDay

router = APIRouter()

MOST_DRAWN = 40
"""Nodes in one picture: more of them are a tangle that nobody reads."""
MOST_FOUND = 12
EMPTY = Graph((), ())


@dataclass(frozen=True)
class Around:
    """One node of the landscape: what is near it, and what is lost without it."""

    centre: Node
    near: Graph
    beyond: int
    losses: tuple[Loss, ...]

    @property
    def losers(self) -> int:
        """How many lose data."""
        return len({loss.taker.id for loss in self.losses})

    @property
    def lost(self) -> frozenset[str]:
        return frozenset(loss.taker.id for loss in self.losses)


@router.get("/landscape")
def landscape(
    visit: Here,
    day: OnDay,
    centre: str = "",
    q: str = "",
    steps: Annotated[int, Query(ge=1, le=3)] = 1,
    page: Page = 1,
    lost: Page = 1,
) -> Response:
    """What is around `centre`, else around the system with most connections; what is called something like `q`."""
    systems = visit.ask("landscape", lambda asked: queries.systems(asked, visit.cvr, day.valid_at, day.known_at), ())
    relations = visit.ask(
        "landscape", lambda asked: queries.relations(asked, visit.cvr, day.valid_at, day.known_at), ()
    )
    graph = graph_of(systems, relations)
    found = named_like(graph.nodes, q)
    shown = centre if centre in graph.by_id else found[0].id if found else best_connected(graph)
    seen = surroundings(graph, shown, steps) if shown else None
    matching = [row for row in systems if q.casefold() in row.name.casefold()] if q else systems
    return visit.page(
        "landscape.html",
        day=day,
        q=q,
        steps=steps,
        graph=graph,
        seen=seen,
        unknown=bool(centre) and centre not in graph.by_id,
        found=found[:MOST_FOUND],
        found_more=max(0, len(found) - MOST_FOUND),
        picture=picture(visit, seen, day, steps) if seen else None,
        systems=matching[offset(page) : offset(page) + SIZE],
        total=len(matching),
        losses=seen.losses[offset(lost) : offset(lost) + SIZE] if seen else (),
        page=page,
        lost=lost,
        size=SIZE,
    )


def surroundings(graph: Graph, centre: str, steps: int) -> Around:
    """What a page shows around one node, and what goes with it."""
    near = around(graph, centre, steps, at_most=MOST_DRAWN)
    beyond = len(around(graph, centre, steps, at_most=len(graph.nodes)).nodes) - len(near.nodes)
    return Around(graph.by_id[centre], near, beyond, impact(graph, switched_off_with(graph, centre)))


def named_like(nodes: Sequence[Node], wanted: str) -> list[Node]:
    """The nodes with `wanted` in their name: those called just that first, then those that begin with it."""
    sought = wanted.strip().casefold()
    if not sought:
        return []

    def nearness(node: Node) -> tuple[int, str, str]:
        name = node.name.casefold()
        return (0 if name == sought else 1 if name.startswith(sought) else 2), alphabetical(name), node.id

    return sorted((node for node in nodes if sought in node.name.casefold()), key=nearness)


def picture(visit: Visit, seen: Around, day: AsOfDay, steps: int) -> dict[str, Any]:
    """What the browser draws: `assets/src/landscape.js`."""
    off = {seen.centre.id}
    return {
        "centre": seen.centre.id,
        "nodes": [
            {
                "id": node.id,
                "kind": node.kind,
                "label": mask_written(node.name),
                "lost": node.id in seen.lost,
                "href": visit.url("landscape", centre=node.id, steps=steps if steps > 1 else None, **day.query),
            }
            for node in seen.near.nodes
        ],
        "edges": [
            {"source": edge.source, "target": edge.target, "kind": edge.kind, "lost": _is_lost(edge, seen, off)}
            for edge in _one_each(seen.near.edges)
        ],
    }


def _is_lost(edge: Edge, seen: Around, off: set[str]) -> bool:
    return edge.kind == "data" and edge.target in seen.lost and (edge.source in off or edge.source in seen.lost)


def _one_each(edges: Iterable[Edge]) -> list[Edge]:
    """One line between two, however many kinds of data go along it."""
    return list({(edge.source, edge.target, edge.kind): edge for edge in edges}.values())
