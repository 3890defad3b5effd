"""Both languages say the same, no page asks for words that are not there, and numbers are written as people do."""

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from string import Formatter

import pytest

from consumers.invoice_control.rules.registry import RULES
from monitoring.web.language import CODES, MESSAGES, Code, chosen, language
from monitoring.web.navigation import NAVIGATION
from tests.support.looking import NEVER

TEMPLATES = MESSAGES.with_name("templates")
ASKED = re.compile(r'\b(t|many)\("([a-z0-9_.-]+)"\s*([,)~])')
"""A call for words whose key is written out; `~` begins a key that is put together."""


def values_of(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def words_of(text: str) -> str:
    """What a text says itself, without the values that are put in."""
    return "".join(said for said, *_ in Formatter().parse(text))


def test_both_languages_have_the_same_keys_and_values() -> None:
    """A text in one is a text in the other, with the same values in it and none of them empty."""
    danish, english = language("da").texts, language("en").texts
    assert danish.keys() == english.keys()
    for key, text in danish.items():
        assert values_of(text) == values_of(english[key]), key
        assert text.strip(), key
        assert english[key].strip(), key


@pytest.mark.parametrize("code", CODES)
def test_no_text_says_what_no_page_may_show(code: Code) -> None:
    """A `None` or an `undefined` on a page is a fault, so no text has such a word of its own."""
    texts = language(code).texts
    assert [key for key, text in texts.items() if NEVER.search(words_of(text))] == []


def test_the_same_files_in_both_languages() -> None:
    """Each page's words stand in a file of its name, in both."""
    danish, english = (sorted(file.name for file in (MESSAGES / code).glob("*.json")) for code in CODES)
    assert danish == english
    for file in MESSAGES.rglob("*.json"):
        assert list(json.loads(file.read_text(encoding="utf-8"))), file


@pytest.mark.parametrize("template", sorted(TEMPLATES.glob("*.html")), ids=lambda path: path.name)
def test_every_key_a_template_asks_for_is_there(template: object) -> None:
    """A key that is put together has at least one text that begins so."""
    texts = language("da").texts
    for function, key, follows in ASKED.findall(template.read_text(encoding="utf-8")):  # type: ignore[attr-defined]
        if follows == "~":
            assert any(each.startswith(key) for each in texts), key
        elif function == "many":
            assert {f"{key}.one", f"{key}.many"} <= texts.keys(), key
        else:
            assert key in texts, key


@pytest.mark.parametrize("code", CODES)
def test_every_rule_and_every_page_of_the_menu_has_a_name(code: Code) -> None:
    """What the list of alerts and the menu show is never a key."""
    texts = language(code).texts
    assert {f"rule.{rule.code}" for rule in RULES} | {f"nav.{name}" for name in NAVIGATION} <= texts.keys()


@pytest.mark.parametrize(
    ("code", "amount", "day", "moment", "number"),
    [
        ("da", "1.234,50 kr.", "31-12-2026", "01-01-2027 00.30", "1.234.567"),
        ("en", "DKK 1,234.50", "31/12/2026", "01/01/2027 00:30", "1,234,567"),
    ],
)
def test_amounts_dates_and_numbers(code: Code, amount: str, day: str, moment: str, number: str) -> None:
    """As each language writes them; moments in Danish time."""
    spoken = language(code)
    assert spoken.money(Decimal("1234.5"), "DKK") == amount
    assert spoken.date(date(2026, 12, 31)) == day
    assert spoken.moment(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == moment
    assert spoken.number(1_234_567) == number
    assert spoken.number(Decimal("2.50")) in ("2,50", "2.50")
    assert spoken.number(Decimal("1E+3")) in ("1.000", "1,000")
    assert spoken.number(None) == spoken.date(None) == "–"


def test_another_currency_keeps_its_code() -> None:
    """Kroner are kr.; nothing else is."""
    assert language("da").money(Decimal(-5), "EUR") == "-5,00 EUR"


def test_the_language_is_what_was_asked_for_then_chosen_then_the_browsers() -> None:
    """Danish when nothing is said."""
    assert chosen("en", "da", "da") == "en"
    assert chosen("xx", "en", "da") == "en"
    assert chosen(None, None, "fr,en-GB;q=0.8") == "en"
    assert chosen(None, None, None) == "da"
