"""The prioritisation: scores weighed by the adopted weights, and the rank that follows from them alone; pure."""

from collections.abc import Collection, Iterator
from decimal import Decimal
from fractions import Fraction

from kernel.alphabet import alphabetical
from schemas.project_model import ProjectModel

from .dossier import Dossier
from .offices import Adopted
from .rows import PriorityRow, ScoreRow

OVER = frozenset({"rejected", "completed", "stopped"})
"""Standings of projects that take no part; one that was rejected does again when it is recommended anew."""
_CENT = Decimal("0.01")


def weighted_mean(dossier: Dossier, model: ProjectModel) -> Fraction | None:
    """The mean of the scores by the weights of the model, exact; None when a criterion lacks its score."""
    scores = dossier.scores()
    if not model.criteria or any(criterion.id not in scores for criterion in model.criteria):
        return None
    points = sum((Fraction(each.weight * scores[each.id].score) for each in model.criteria), Fraction(0))
    return points / sum((Fraction(each.weight) for each in model.criteria), Fraction(0))


def priority_rows(dossiers: Collection[Dossier], adopted: Adopted) -> tuple[PriorityRow, ...]:
    """A row per project that is not over: ranked ones by rank, then those that lack a score; by title within a rank."""
    means = {each.id: weighted_mean(each, adopted.model) for each in dossiers if each.standing not in OVER}
    ranked = sorted((mean for mean in means.values() if mean is not None), reverse=True)
    places = {mean: place for place, mean in reversed(tuple(enumerate(ranked, 1)))}
    rows = [
        _row(dossier, adopted, mean, None if mean is None else places[mean])
        for dossier in dossiers
        if dossier.id in means
        for mean in (means[dossier.id],)
    ]
    return tuple(sorted(rows, key=lambda row: (row.rank is None, row.rank or 0, alphabetical(row.title), row.id)))


def _row(dossier: Dossier, adopted: Adopted, mean: Fraction | None, rank: int | None) -> PriorityRow:
    model, scores = adopted.model, tuple(_score_rows(dossier, adopted.model))
    return PriorityRow(
        rank=rank,
        id=dossier.id,
        title=dossier.title,
        standing=dossier.standing,
        driver=dossier.project.driver if dossier.project else "own",
        weighted=None if mean is None else rounded(mean),
        missing=tuple(score.criterion for score in scores if score.score is None),
        model=model.name,
        edition=model.edition,
        adopted_on=adopted.since,
        weights_reason=model.weights_reason,
        scores=scores,
    )


def rounded(exact: Fraction) -> Decimal:
    """Two decimals, halves to even."""
    return Decimal(round(exact * 100)) * _CENT


def _score_rows(dossier: Dossier, model: ProjectModel) -> Iterator[ScoreRow]:
    given = dossier.scores()
    for criterion in model.criteria:
        score = given.get(criterion.id)
        yield ScoreRow(
            criterion=criterion.id,
            name=criterion.name,
            weight=criterion.weight,
            why=criterion.reason,
            score=score.score if score else None,
            points=score.score * criterion.weight if score else None,
            reason=score.reason if score else None,
        )
