"""What a register looks like: its columns, what each means and where its value goes in an event's data."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from unicodedata import normalize

from .values import DATE, LAST_DAY, Kind

Json = dict[str, Any]

_ASCII = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})


def plain(name: str) -> str:
    """A name of a column, sheet or file as names are compared: without case, punctuation, odd spaces, and æ, ø and å
    written as they are where there are none."""
    return " ".join(re.split(r"[\W_]+", normalize("NFC", name.casefold()).translate(_ASCII))).strip()


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its Danish header, its English one and others it goes by.

    `path` is where the value goes in the data of the event (`terms.ends_on`). `also` holds what the header reads when
    it stands in two rows, the upper one merged over several columns: "Periode Slut".
    """

    header: str
    english: str
    path: str
    kind: Kind
    explanation: str
    example: str = ""
    required: bool = False
    also: tuple[str, ...] = ()

    @property
    def names(self) -> set[str]:
        return {plain(name) for name in (self.header, self.english, *self.also)}


EFFECTIVE = "@effective"
EFFECTIVE_TO = "@effectiveto"
_VALID_TIME = (
    Column(
        "Gælder fra",
        "valid from",
        EFFECTIVE,
        DATE,
        "Første dag, rækken gælder; tom: fra nu af. Samme nummer kan stå flere gange med hver sin dato",
        also=("Gælder Fra", "Gyldighed Fra"),
    ),
    Column(
        "Gælder til",
        "valid to",
        EFFECTIVE_TO,
        LAST_DAY,
        "Sidste dag, rækken gælder (til og med); tom: indtil videre",
        also=("Gældende til", "Gælder til og med", "Gyldighed Til"),
    ),
)


@dataclass(frozen=True, slots=True)
class Repeated:
    """A list whose entries have a row each, the key repeated: its path in the data, and what is unique in an entry."""

    path: str
    key: str


def unchanged(data: Json) -> Json:
    """The data of a row whose columns go straight into the model."""
    return data


@dataclass(frozen=True)
class Layout:
    """One register: a sheet or a CSV file called `danish` or `name`, and the event family its rows state.

    A row's subject is of `kind` and known by the columns at `key`, joined by `/`. `finish` makes the model's shape of
    what columns cannot say one by one. `effective` is the path whose date counts as "Gælder fra" when that is empty.
    A `shared` register is the same for all authorities when a registrar keeps it.
    """

    name: str
    danish: str
    kind: str
    family: str
    key: tuple[str, ...]
    own_columns: tuple[Column, ...]
    about: str
    also: tuple[str, ...] = ()
    repeated: Repeated | None = None
    finish: Callable[[Json], Json] = unchanged
    effective: str | None = None
    shared: bool = False

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """Its own columns and the two of valid time, which every register may have."""
        return (*self.own_columns, *_VALID_TIME)

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """Every column by every name it goes by."""
        return {name: column for column in self.columns for name in column.names}

    @cached_property
    def names(self) -> set[str]:
        return {plain(name) for name in (self.danish, self.name, *self.also)}

    def column(self, path: str) -> Column:
        """The column whose value goes to `path`."""
        return next(column for column in self.columns if column.path == path)

    def is_entry(self, path: str) -> bool:
        """Whether `path` is a field of the repeated list."""
        return self.repeated is not None and path.startswith(f"{self.repeated.path}.")
