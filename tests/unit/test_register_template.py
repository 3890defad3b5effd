"""Empty registers: they explain themselves, and what they show is right."""

import io

import pytest
from openpyxl import load_workbook

from adapters.register.columns import Layout
from adapters.register.layouts import LAYOUTS
from adapters.register.read import read, read_register
from adapters.register.template import template_csv, template_workbook
from kernel.errors import Invalid
from tests.support.registers import ORIGIN

every_register = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)


def test_the_workbook_has_a_sheet_for_each_register_and_its_example_is_right() -> None:
    """Read back, every example is one event of its register."""
    reading = read(template_workbook(), "skabelon.xlsx", ORIGIN, examples=True)
    assert reading.families == tuple(layout.family for layout in LAYOUTS)
    assert len(reading.events) == len(LAYOUTS)


@every_register
def test_the_csv_file_shows_the_same_example(layout: Layout) -> None:
    """In Danish and in English names alike."""
    book = read(template_workbook(), "skabelon.xlsx", ORIGIN, examples=True)
    for name in (layout.danish, layout.name):
        (event,) = read(template_csv(name), f"{layout.danish}.csv", ORIGIN, examples=True).events
        assert event == next(one for one in book.events if one.subject == event.subject)


@every_register
def test_examples_that_nobody_deleted_are_not_read(layout: Layout) -> None:
    """A template that is sent as it is states nothing."""
    given = {"authority": ORIGIN.authority, "source": ORIGIN.source, "run_id": "run-1"}
    assert read_register(template_csv(layout.name), f"{layout.name}.csv", read_at=ORIGIN.read_at, **given) == []


def test_a_row_written_below_the_example_is_read() -> None:
    """The template is filled in where it stands."""
    book = load_workbook(io.BytesIO(template_workbook()))
    book["Enheder"].append(["E-1", "Center for Social"])
    written = io.BytesIO()
    book.save(written)
    (event,) = read(written.getvalue(), "skabelon.xlsx", ORIGIN).events
    assert event.data["name"] == "Center for Social"


@every_register
def test_every_column_is_explained_and_required_ones_are_marked(layout: Layout) -> None:
    """Above the header what the column holds and how it is written; a star on what must be filled in."""
    sheet = load_workbook(io.BytesIO(template_workbook()))[layout.danish]
    explanations, headers = ([str(cell.value) for cell in sheet[row]] for row in (2, 3))
    assert [header.endswith(" *") for header in headers] == [column.required for column in layout.columns]
    assert all(
        column.explanation in text and column.kind.written in text
        for column, text in zip(layout.columns, explanations, strict=True)
    )


def test_a_register_that_does_not_exist_has_no_template() -> None:
    """The error lists those that do."""
    with pytest.raises(Invalid, match="Kontrakter"):
        template_csv("fakturaer")
