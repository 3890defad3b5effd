"""The rules of the house that no other tool checks: short modules, short functions, nothing of one machine's own."""

import ast
import re
import subprocess
import tomllib

import pytest

from tests.support.kafka.settings import repository

ROOT = repository()
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"][
    "packages"
]
CHECKED = [*PACKAGES, "benchmarks"]
"""What is shipped, and the measurements, which are not."""
MODULES = sorted(
    str(path.relative_to(ROOT))
    for name in CHECKED
    for path in (ROOT / name).rglob("*.py")
    if "node_modules" not in path.parts
)

MODULE_LINES = 300
FUNCTION_LINES = 60

REGISTRIES = re.compile(
    "|".join(
        re.escape(".".join(parts))
        for parts in [
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("registry", "yarnpkg", "com"),
            ("repo", "maven", "apache", "org"),
            ("repo1", "maven", "org"),
            ("crates", "io"),
            ("rubygems", "org"),
            ("proxy", "golang", "org"),
            ("registry", "hub", "docker", "com"),
        ]
    )
)
MACHINE_PATHS = re.compile(r"(?<![\w.~$}-])/(?:home|Users|root|work)/\w")


def committed() -> list[str]:
    """The files under version control, by path from the root."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip(f"not a git work tree: {listed.stderr.strip()}")
    return [name for name in listed.stdout.split("\0") if (ROOT / name).is_file()]


def lines_matching(pattern: re.Pattern[str]) -> list[str]:
    """Every line of a committed file where `pattern` is found, as file:line: what was found."""
    return [
        f"{name}:{number}: {found[0]}"
        for name in committed()
        for number, line in enumerate((ROOT / name).read_text(errors="replace").splitlines(), 1)
        if (found := pattern.search(line))
    ]


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_short(module: str) -> None:
    """One idea fits in 300 lines."""
    assert len((ROOT / module).read_text().splitlines()) <= MODULE_LINES


@pytest.mark.parametrize("module", MODULES)
def test_functions_read_at_a_glance(module: str) -> None:
    """No function is longer than 60 lines, its docstring included."""
    functions = [
        node
        for node in ast.walk(ast.parse((ROOT / module).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    lengths = {node.name: (node.end_lineno or node.lineno) - node.lineno + 1 for node in functions}
    assert {name: length for name, length in lengths.items() if length > FUNCTION_LINES} == {}


def test_every_package_is_under_these_rules() -> None:
    """A new package at the root is listed in pyproject.toml, or it would be neither checked nor shipped."""
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} <= set(CHECKED)


def test_no_file_names_a_package_registry() -> None:
    """Where packages come from is the business of the machine that fetches them."""
    assert lines_matching(REGISTRIES) == []


def test_no_file_knows_the_paths_of_a_machine() -> None:
    """Nothing committed depends on where someone has put things."""
    assert lines_matching(MACHINE_PATHS) == []
