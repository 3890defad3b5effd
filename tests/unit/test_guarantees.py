"""The list of guarantees, its page, and the tests it names belong together."""

import ast
from functools import cache

import pytest

from tests.guarantees.__main__ import Results
from tests.guarantees.declared import GUARANTEES, Guarantee, Mechanism
from tests.guarantees.page import page
from tests.support.kafka.settings import repository

NAMED = sorted({test for guarantee in GUARANTEES for test in guarantee.tests})


@cache
def functions_of(file: str) -> frozenset[str]:
    """The names of the test functions of a file."""
    tree = ast.parse((repository() / file).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_the_page_says_what_the_list_says() -> None:
    """`python -m tests.guarantees --page > docs/guarantees.md` makes it so."""
    assert (repository() / "docs" / "guarantees.md").read_text() == page(GUARANTEES)


@pytest.mark.parametrize("test", NAMED)
def test_a_named_test_exists(test: str) -> None:
    """A proof that was renamed is no proof."""
    file, name = test.split("::")
    assert name in functions_of(file)


def test_every_mechanism_is_proved_and_switched_off() -> None:
    """And no test stands on both sides of the same sentence."""
    for guarantee in GUARANTEES:
        proofs = {test for mechanism in guarantee.mechanisms for test in mechanism.proofs}
        without = {test for mechanism in guarantee.mechanisms for test in mechanism.without}
        assert all(mechanism.proofs and mechanism.without for mechanism in guarantee.mechanisms)
        assert not proofs & without


def test_what_is_marked_is_what_is_named() -> None:
    """`pytest -m guarantee` runs the proofs of the page, no fewer and no others."""
    marked = set()
    for path in sorted((repository() / "tests").rglob("test_*.py")):
        file = str(path.relative_to(repository()))
        tree = ast.parse(path.read_text())
        whole = "mark.guarantee" in "".join(ast.unparse(node) for node in tree.body if isinstance(node, ast.Assign))
        marked |= {
            f"{file}::{node.name}"
            for node in tree.body
            if isinstance(node, ast.FunctionDef)
            and node.name.startswith("test_")
            and (whole or any("mark.guarantee" in ast.unparse(each) for each in node.decorator_list))
        }
    assert sorted(marked) == NAMED, "tests/guarantees/declared.py names every test that is marked, by its mechanism"


SENTENCE = Guarantee(1, "It holds.", (Mechanism("Somehow.", ("a::test_one",), ("a::test_off",)),))


@pytest.mark.parametrize(
    ("one", "off", "holds"),
    [
        pytest.param({"passed"}, {"passed"}, True, id="proved and switched off"),
        pytest.param({"passed", "failed"}, {"passed"}, False, id="a parameter or the teardown failed"),
        pytest.param({"skipped"}, {"passed"}, False, id="a proof was skipped"),
        pytest.param({"passed"}, {"failed"}, False, id="nothing happens without the mechanism"),
        pytest.param({"passed"}, None, False, id="not everything ran"),
    ],
)
def test_a_sentence_holds_when_all_its_tests_passed(one: set[str], off: set[str] | None, holds: bool) -> None:
    """A skip is no proof, and neither is silence."""
    outcomes = {"a::test_one": one} | ({} if off is None else {"a::test_off": off})
    assert Results([SENTENCE], outcomes).holds(SENTENCE) is holds
