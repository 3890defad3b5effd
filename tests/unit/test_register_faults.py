"""What is wrong in a register: every fault once, with file, sheet, row, column, value and what was expected."""

import pytest

from tests.support.registers import events, faults, faults_in, workbook

UNITS = [["Enhedsnummer", "Navn", "GLN"], ["E-1", "Center for Social", "9521234000013"]]
SYSTEMS = [["Systemnummer", "Navn", "KLE", "Deaktiveret"], ["S-1", "OmsorgNær", "27.36", "nej"]]
CONTRACTS = [
    ["Kontraktnummer", "Titel", "Leverandør", "Startdato", "Slutdato", "Løbende", "Loft", "Fornyes (måneder)"],
    ["K-1", "Omsorg", "L-1", "01-01-2022", "31-12-2025", "nej", "1.000,00", ""],
]


def places(problems: "tuple[object, ...]") -> list[str]:
    """Where the faults are, without the name of the file."""
    return [str(problem).split(": ")[0].partition(", ")[2] for problem in problems]


def test_ten_planted_errors_are_ten_messages() -> None:
    """One wrong cell, one message: in three sheets, of ten sorts, with a good row beside them."""
    content = workbook(
        {
            "Enheder": [*UNITS, ["E-2", "Center for Børn", "9521234000014"], ["E-1", "Center for Ældre", ""]],
            "Systemer": [[*SYSTEMS[0], "Ejer"], SYSTEMS[1], ["S-2", "", "27.3", "måske"]],
            "Kontrakter": [
                *CONTRACTS,
                ["K-2", "Sagsarkiv", "L-2", "31-02-2022", "", "ja", "", ""],
                ["K-3", "Løn", "L-3", "01-01-2024", "31-12-2023", "", "", ""],
                ["K-4", "Intranet", "L-3", "01-01-2024", "", "", "12.50", "0"],
            ],
        }
    )
    expected = [
        ("'Enheder', række 3, kolonne 'GLN'", "'9521234000014' is not a GLN of 13 digits, a digit is wrong"),
        ("'Enheder', række 4, kolonne 'Enhedsnummer'", "the same stands in row 2; each has one row (got 'E-1')"),
        ("'Systemer', række 1, kolonne 'Ejer'", "unknown column: remove it"),
        ("'Systemer', række 3, kolonne 'Navn'", "expected text; the cell is empty"),
        ("'Systemer', række 3, kolonne 'KLE'", "expected a KLE number, such as 27.36.04"),
        ("'Systemer', række 3, kolonne 'Deaktiveret'", "expected ja, nej or x (got 'måske')"),
        ("'Kontrakter', række 3, kolonne 'Startdato'", "expected a date, such as 31-12-2026; day is out of range"),
        ("'Kontrakter', række 4, kolonne 'Startdato' og 'Slutdato'", "ends before it starts: check 'Startdato' and"),
        ("'Kontrakter', række 5, kolonne 'Loft'", "expected a number, such as 1.234,50; write decimals after a comma"),
        ("'Kontrakter', række 5, kolonne 'Fornyes (måneder)'", "should be greater than or equal to 1 (got '0')"),
    ]
    problems = faults(content, "register.xlsx")
    assert [problem.where for problem in problems] == [f"register.xlsx, ark {place}" for place, _ in expected]
    assert all(message in str(problem) for problem, (_, message) in zip(problems, expected, strict=True))


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (["Kontraktnummer", "Titel", "Leverandøren", "Startdato"], "the required column 'Leverandør' is missing"),
        (["Kontraktnummer", "xyz", "Leverandør", "Startdato"], "the required column 'Titel' is missing"),
        (["Nr.", "Titel", "Leverandør", "Startdato"], "the required column 'Kontraktnummer' is missing"),
        (["Kontraktnummer", "Titel", "Leverandør", "Startdat"], "is it 'Startdato'?"),
        (["Kontraktnummer", "Titel", "Leverandør", "Titel"], "the same column stands further to the left"),
        (["Kontraktnummer", "Titel", "Leverandør", ""], "has no header"),
        (["Kontraktnummer", "Titel", "(Leverandør)", "Startdato"], "the required column 'Leverandør' is missing"),
    ],
)
def test_a_wrong_header_is_one_fault_however_many_rows_stand_below(header: list[str], message: str) -> None:
    """It names the column that was probably meant; the cells below are not complained of."""
    rows = [[f"K-{number}", "Omsorg", "L-1", "01-01-2022"] for number in range(3)]
    (problem,) = faults_in([header, *rows], "kontrakter")
    assert message in problem.message


def test_several_missing_columns_are_a_fault_each() -> None:
    """A file with too little is told all it lacks."""
    problems = faults_in([["Kontraktnummer", "Slutdato"], ["K-1", "31-12-2026"]], "kontrakter")
    assert [problem.message for problem in problems] == [
        "the required column 'Titel' is missing",
        "the required column 'Leverandør' is missing",
    ]


@pytest.mark.parametrize(
    ("name", "rows", "place"),
    [
        ("leverandører", [["Leverandørnummer", "Navn"], ["L-1", "Havgus IT A/S"]], "'CVR' og 'Udenlandsk momsnummer'"),
        (
            "relationer",
            [["Relationsnummer", "Anvender", "Udstiller"], ["R-1", "A-1", "A-1"]],
            "'Anvender' og 'Udstiller'",
        ),
        (
            "prisposter",
            [
                ["Prispostnummer", "Kontrakt", "Titel", "Periode", "Trin", "Pris pr."],
                ["P", "K", "T", "år", "5: 1", "bruger"],
            ],
            "'Trin'",
        ),
        ("prisposter", [["Prispostnummer", "Kontrakt", "Titel", "Periode"], ["P", "K", "T", "år"]], "'Pris'"),
        (
            "prisposter",
            [["Prispostnummer", "Kontrakt", "Titel", "Periode", "Trin"], ["P", "K", "T", "år", "0: 5; 9: 4"]],
            "'Pris pr.'",
        ),
        (
            "kontrakter",
            [["Kontraktnummer", "Titel", "Leverandør", "Loft reguleres"], ["K", "T", "L", "ja"]],
            "'Loft'",
        ),
        (
            "databehandleraftaler",
            [["Aftalenummer", "Titel", "Status"], ["D", "T", "ikke nødvendig"]],
            "'Status' og 'Ikke nødvendig fordi'",
        ),
        ("brugertal", [["Anvendelse", "Slags", "Antal"], ["A-1", "licenser", "-5"]], "'Antal'"),
    ],
)
def test_what_the_model_finds_is_told_by_its_columns(name: str, rows: list[list[str]], place: str) -> None:
    """Rules over several fields name the columns they are about, in the words of the file."""
    (problem,) = faults_in(rows, name)
    assert problem.where == f"{name}.csv, række 2, kolonne {place}"


@pytest.mark.parametrize("price", ["12.50", "x"])
def test_what_follows_from_a_wrong_cell_is_not_told(price: str) -> None:
    """Without its price a price item is no price item, but only the price is wrong."""
    header = ["Prispostnummer", "Kontrakt", "Titel", "Periode", "Pris", "Pris pr."]
    assert places(faults_in([header, ["P-1", "K-1", "T", "år", price, "bruger"]], "prisposter")) == [
        "række 2, kolonne 'Pris'"
    ]


def test_other_faults_of_the_same_row_are_told() -> None:
    """A row is checked as far as it goes."""
    row = ["K-1", "T", "L-1", "i går", "31-12-2025", "", "", "999"]
    assert places(faults_in([CONTRACTS[0], row], "kontrakter")) == [
        "række 2, kolonne 'Startdato'",
        "række 2, kolonne 'Fornyes (måneder)'",
    ]


def test_two_faults_of_one_group_are_two_messages() -> None:
    """A notice that cannot be read does not hide that an open-ended contract has an end."""
    header = ["Kontraktnummer", "Titel", "Leverandør", "Slutdato", "Løbende", "Opsigelsesvarsel (måneder)"]
    assert places(faults_in([header, ["K-1", "T", "L-1", "31-12-2026", "ja", "seks"]], "kontrakter")) == [
        "række 2, kolonne 'Opsigelsesvarsel (måneder)'",
        "række 2, kolonne 'Slutdato'",
    ]


def test_a_rule_that_lacks_only_what_could_not_be_read_is_not_told() -> None:
    """A month to settle in needs an on-account price, and whether it is one is badly written."""
    header = ["Prispostnummer", "Kontrakt", "Titel", "Periode", "Pris", "Afregnes i", "Aconto"]
    assert places(faults_in([header, ["P-1", "K-1", "T", "år", "100", "januar", "måske"]], "prisposter")) == [
        "række 2, kolonne 'Aconto'"
    ]


def test_a_row_whose_number_stands_twice_is_told_its_own_faults_too() -> None:
    """Both are to be mended."""
    second = ["K-1", "T", "L-1", "01-01-2024", "31-12-2023", "", "", ""]
    assert places(faults_in([*CONTRACTS, second], "kontrakter")) == [
        "række 3, kolonne 'Kontraktnummer'",
        "række 3, kolonne 'Startdato' og 'Slutdato'",
    ]


def test_a_cell_with_two_wrong_entries_is_one_fault() -> None:
    """Its first is told; the cell is to be looked at anyway."""
    (problem,) = faults_in([SYSTEMS[0], ["S-1", "OmsorgNær", "27.3; 1.2", ""]], "systemer")
    assert "'27.3' is not" in problem.message


def test_the_same_number_may_stand_again_from_another_day() -> None:
    """A price that rises is one price item with two days; the same day twice is a fault."""
    header = ["Prispostnummer", "Kontrakt", "Titel", "Periode", "Pris", "Gælder fra"]
    rows = [["P-1", "K-1", "T", "år", "100", "01-01-2025"], ["P-1", "K-1", "T", "år", "110", "01-01-2026"]]
    assert len(events([header, *rows], "prisposter")) == 2
    assert places(faults_in([header, *rows, rows[1]], "prisposter")) == ["række 4, kolonne 'Prispostnummer'"]


@pytest.mark.parametrize(
    ("days", "place"),
    [
        (["", "31-12-2026"], "'Gælder fra'"),
        (["01-01-2027", "30-12-2026"], "'Gælder til'"),
        (["01-01-2027", "i morgen"], "'Gælder til'"),
        (["engang", "31-12-2026"], "'Gælder fra'"),
    ],
)
def test_a_span_that_cannot_hold_is_a_fault(days: list[str], place: str) -> None:
    """The last day needs a first, and does not lie before it."""
    rows = [[*UNITS[0], "Gælder fra", "Gælder til"], [*UNITS[1], *days]]
    assert places(faults_in(rows, "enheder")) == [f"række 2, kolonne {place}"]


def test_entries_of_a_list_that_differ_or_stand_twice_are_faults() -> None:
    """Where each requirement has its row, what is said of the list is the same in all of them."""
    header = ["Kravliste", "Version", "Listenavn", "Krav", "Tekst"]
    rows = [
        ["RA", "1", "Rammearkitekturen", "RA-1", "Læser organisation"],
        ["RA", "1", "Noget andet", "RA-2", "Modtager hændelser"],
        ["RA", "1", "", "RA-1", "Igen"],
        ["RA", "1", "", "RA-3", ""],
    ]
    assert places(faults_in([header, *rows], "kravlister")) == [
        "række 3, kolonne 'Listenavn'",
        "række 4, kolonne 'Krav'",
        "række 5, kolonne 'Tekst'",
    ]


def test_cpr_numbers_are_masked_in_what_is_told() -> None:
    """In the value, in the message and in the name of the file."""
    rows = [["Systemnummer", "Navn", "Deaktiveret", "KLE"], ["010170-1234", "X", "010170-1234", "0101701234"]]
    told = " ".join(map(str, faults_in(rows, "systemer 010170-1234")))
    assert told.count("010170-****") == 5
    assert told.count("010170****") == 2
    assert "1234 " not in told
    assert "1234'" not in told


@pytest.mark.guarantee
def test_a_cpr_number_is_masked_where_it_is_glued_to_a_value() -> None:
    """A refused value is nobody's order number."""
    rows = [["Enhedsnummer", "Navn", "Gælder fra"], ["E-1", "Center", "DK0102031234"]]
    (problem,) = faults_in(rows, "enheder")
    assert problem.value == "DK010203****"


@pytest.mark.guarantee
def test_a_cpr_number_is_no_persons_id() -> None:
    """Neither as initials nor as the reference on invoices, with a hyphen or without."""
    header = ["Nummer", "Slags", "Rolle", "Initialer", "Navn", "Personreference"]
    rows = [["A-1", "anvendelse", "systemejer", number, "Hans", number] for number in ("0102031234", "010203-1234")]
    problems = faults_in([header, *rows], "roller")
    assert len(problems) == 4
    assert all("a CPR number may not be used" in problem.message for problem in problems)
    assert "1234" not in " ".join(map(str, problems))


def test_references_to_what_is_not_in_the_file_are_no_faults() -> None:
    """A register may refer to others that come another day; the landscape lists what is never resolved."""
    assert len(events([["Enhedsnummer", "Navn", "Overordnet enhed"], ["E-1", "Center", "E-99"]], "enheder")) == 1
