"""What a rule found, in words: the headline of an alert, and what was expected beside what was found."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from consumers.alerts.rows import AlertRow

from .language import Language


@dataclass(frozen=True, slots=True)
class Told:
    """An alert as it stands on a page. `supplier` is the first that the finding refers to."""

    alert: AlertRow
    headline: str
    rule: str
    subject: str
    supplier: str | None
    expected: str | None
    found: str | None
    tolerance: str | None
    at_stake: str | None
    silenced: bool


def told(language: Language, alert: AlertRow, today: date) -> Told:
    """The alert in a language."""
    finding = alert.finding
    unit = finding.get("unit")
    return Told(
        alert=alert,
        headline=headline(language, finding),
        rule=language.known(f"rule.{alert.rule}", alert.rule.upper()),
        subject=_subject(language, finding),
        supplier=next((each.get("name") for each in finding.get("references", ()) if each["kind"] == "supplier"), None),
        expected=_written(language, finding.get("expected"), unit),
        found=_written(language, finding.get("found"), unit),
        tolerance=_written(language, finding.get("tolerance"), unit),
        at_stake=language.money(alert.amount, alert.currency) if alert.amount is not None else None,
        silenced=alert.silence is not None and alert.silence.until >= today,
    )


def headline(language: Language, finding: dict[str, Any]) -> str:
    """One sentence: the wording of the finding's title, else of its rule, with the values it may name."""
    title, values = finding["title"]["key"], finding["title"].get("values", {})
    key = f"finding.{title}"
    if key not in language.texts:
        rule = language.known(f"rule.{finding['rule']}", finding["rule"].upper())
        return language.text("finding.other", rule=rule)
    words = {name: _words(language, name, text) for name, text in values.items()}
    return language.texts[key].format_map(_Values(words))


def _subject(language: Language, finding: dict[str, Any]) -> str:
    """What an alert is about, by name; a file that was no invoice has none."""
    named = finding["subject"].get("name")
    return named or (
        language.text("finding.file") if finding["subject_kind"] == "document" else finding["subject"]["id"]
    )


class _Values(dict[str, str]):
    """The values of a title; one that the finding does not state is a dash."""

    def __missing__(self, name: str) -> str:
        return "–"


def details(language: Language, finding: dict[str, Any]) -> list[tuple[str, str]]:
    """The values of a finding's title, each with its name."""
    values = finding["title"].get("values", {})
    return [(language.known(f"value-name.{name}", name), _words(language, name, text)) for name, text in values.items()]


def _words(language: Language, name: str, text: str) -> str:
    """A value of a title as it is read: what is missing in words, dates and numbers as the language writes them."""
    if name == "missing":
        return ", ".join(language.known(f"missing.{each}", each) for each in text.split(", "))
    if name in ("percent", "quantity"):
        return _written(language, text, None) or text
    return _written(language, text, "date") or text


def _written(language: Language, text: str | None, unit: str | None) -> str | None:
    """A value of a finding in its unit; what cannot be read as the unit says is shown as it is."""
    if text is None:
        return None
    if unit == "date":
        try:
            return language.date(date.fromisoformat(text))
        except ValueError:
            return text
    try:
        value = Decimal(text)
    except InvalidOperation:
        return language.known(f"value.{text}", text)
    if unit is not None and len(unit) == 3 and unit.isupper():
        return language.money(value, unit)
    if unit is None and (not text.isascii() or len(text) >= 8):
        return text  # a number that identifies something
    written = language.number(value)
    return f"{written} {language.known(f'unit.{unit}', unit)}" if unit else written
