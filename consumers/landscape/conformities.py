"""How usages stand to lists of requirements; pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from consumers.runtime.links import Named, by_name, named
from schemas.conformity import Conformity, Requirement, RequirementList, RequirementMet
from schemas.systems import SystemUsage

from .rows import Answered, ConformityRow

WORTH = {"met": Fraction(1), "partly-met": Fraction(1, 2), "not-met": Fraction(0), "unknown": Fraction(0)}
"""What an answer counts of its requirement's weight; what is not relevant does not count at all."""


def conformity_rows(
    conformities: Mapping[str, Conformity],
    *,
    usages: Mapping[str, SystemUsage],
    lists: Mapping[str, RequirementList],
) -> tuple[ConformityRow, ...]:
    """A row per usage and list it is judged by, and one for each usage that is judged by none; by name and list."""
    usage_names = {subject: usage.name for subject, usage in usages.items()}
    list_names = {subject: each.name for subject, each in lists.items()}
    rows = [
        _row(
            subject,
            conformity,
            lists.get(str(conformity.requirement_list.id)),
            usage=named(conformity.usage, usage_names),
            requirement_list=named(conformity.requirement_list, list_names),
        )
        for subject, conformity in conformities.items()
    ]
    judged = {row.usage.id for row in rows}
    rows += [ConformityRow(Named(subject, usage.name)) for subject, usage in usages.items() if subject not in judged]
    return tuple(sorted(rows, key=_order))


def answers(requirements: Sequence[Requirement], given: Sequence[RequirementMet]) -> tuple[Answered, ...]:
    """An answer to every requirement of a list, in its order; one that was not given is unknown."""
    by_number = {answer.requirement: answer for answer in given}
    return tuple(
        Answered(
            number=requirement.number,
            text=requirement.text,
            area=requirement.area,
            mandatory=requirement.mandatory,
            weight=requirement.weight,
            status=answer.status if answer else "unknown",
            met_by=answer.met_by if answer else None,
        )
        for requirement in requirements
        for answer in (by_number.get(requirement.number),)
    )


def share(answered: Sequence[Answered]) -> Decimal | None:
    """The part of the relevant weight that is met, with four decimals; None when nothing relevant weighs anything."""
    relevant = [answer for answer in answered if answer.status != "not-relevant"]
    weight = sum((Fraction(answer.weight) for answer in relevant), Fraction(0))
    if not weight:
        return None
    met = sum((Fraction(answer.weight) * WORTH[answer.status] for answer in relevant), Fraction(0))
    return Decimal(round(met / weight * 10_000)).scaleb(-4)


def _row(
    subject: str, conformity: Conformity, judged_by: RequirementList | None, *, usage: Named, requirement_list: Named
) -> ConformityRow:
    requirements = judged_by.requirements if judged_by else ()
    answered = answers(requirements, conformity.requirements)
    numbers = {requirement.number for requirement in requirements}
    return ConformityRow(
        id=subject,
        usage=usage,
        requirement_list=requirement_list,
        list_version=judged_by.version if judged_by else None,
        answers=answered,
        share=share(answered),
        assessed_on=conformity.assessed_on,
        not_in_list=tuple(
            sorted(given.requirement for given in conformity.requirements if given.requirement not in numbers)
        ),
    )


def _order(row: ConformityRow) -> tuple[object, ...]:
    by = by_name(row.requirement_list) if row.requirement_list else ("", "")
    return by_name(row.usage), by, row.list_version or "", row.id or ""
