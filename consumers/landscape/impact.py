"""What goes missing when something is switched off: who loses which data, and from whom else they get them; pure.

Data are followed by name: whoever gets addresses from a system that is off can pass on no addresses either. Data that
a relation does not name are lost by the one that gets them and followed no further, for nobody can say what they are.
A loss is a warning and no verdict: `still_from` names those that give the same data and do not depend on what is off.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kernel.alphabet import alphabetical

from .graph import Edge, Graph, Node


@dataclass(frozen=True, slots=True)
class Loss:
    """`taker` no longer gets `data` from `giver`; `data` is None where the relation does not name them.

    `step` 1 is from what is off itself, 2 from one that lost the data in step 1. `frequencies` are how often they came.
    """

    taker: Node
    giver: Node
    data: str | None
    frequencies: tuple[str, ...]
    step: int
    still_from: tuple[Node, ...]


def impact(graph: Graph, off: Collection[str]) -> tuple[Loss, ...]:
    """Who loses which data when all of `off` are switched off: the nearest first, then by name."""
    flows = defaultdict[str | None, list[Edge]](list)
    for edge in graph.edges:
        if edge.kind == "data" and edge.source != edge.target:
            for name in edge.data or (None,):
                flows[name].append(edge)
    losses = [loss for name, carrying in flows.items() for loss in _losses(graph.by_id, name, carrying, frozenset(off))]
    return tuple(sorted(losses, key=_order))


def switched_off_with(graph: Graph, node: str) -> frozenset[str]:
    """What stops when `node` does: the node itself; with a supplier, or a shared system, each of its usages as well."""
    usages = {edge.target for edge in graph.edges if edge.kind == "supplies" and edge.source == node}
    usages |= {edge.source for edge in graph.edges if edge.kind == "is-use-of" and edge.target == node}
    return frozenset({node} | usages)


def _losses(nodes: Mapping[str, Node], name: str | None, flows: Sequence[Edge], off: frozenset[str]) -> Sequence[Loss]:
    given, got = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    for flow in flows:
        given[flow.source].add(flow.target)
        got[flow.target].add(flow.source)
    steps = _steps(given, off, carried_on=name is not None)
    others = {taker: _by_name(nodes[each] for each in givers if each not in steps) for taker, givers in got.items()}
    often = defaultdict[tuple[str, str], set[str]](set)
    for flow in flows:
        if flow.source in steps and flow.target not in off:
            often[flow.source, flow.target].update([flow.frequency] if flow.frequency else [])
    return [
        Loss(
            taker=nodes[taker],
            giver=nodes[giver],
            data=name,
            frequencies=tuple(sorted(frequencies)),
            step=steps[giver] + 1,
            still_from=others[taker] if name is not None else (),
        )
        for (giver, taker), frequencies in often.items()
    ]


def _steps(given: Mapping[str, Collection[str]], off: frozenset[str], *, carried_on: bool) -> dict[str, int]:
    """How far each one that can no longer give the data is from what is off."""
    steps = dict.fromkeys(off & given.keys(), 0)
    last = set(steps)
    while carried_on and last:
        last = {taker for giver in last for taker in given.get(giver, ())} - steps.keys() - off
        steps |= dict.fromkeys(last, max(steps.values()) + 1)
    return steps


def _by_name(nodes: Iterable[Node]) -> tuple[Node, ...]:
    return tuple(sorted(nodes, key=lambda node: (alphabetical(node.name), node.id)))


def _order(loss: Loss) -> tuple[object, ...]:
    taker, giver = loss.taker, loss.giver
    return loss.step, alphabetical(taker.name), taker.id, loss.data or "", alphabetical(giver.name), giver.id
