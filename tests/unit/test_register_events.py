"""What registers state: subjects, references, days and data."""

from dataclasses import replace
from datetime import date

from adapters.register.compound import Local
from adapters.register.layouts import LAYOUTS
from adapters.register.read import read_register
from kernel.ids import subject_id
from schemas.registry import CATALOGUE
from tests.support.registers import EGESOE, ORIGIN, delimited, events, only

KOMMUNEFAELLES = "99000015"
USAGES = [["Anvendelsesnummer", "Navn", "System"], ["A-1", "OmsorgNær", "S-1"]]
SYSTEMS = [["Systemnummer", "Navn"], ["S-1", "OmsorgNær"]]


def test_a_row_is_an_event_from_this_source_at_this_time() -> None:
    """The envelope says whose it is and which row of which reading it was."""
    event = only(USAGES, "anvendelser")
    assert (event.id, event.source, event.authority, event.time, event.effective, event.effectiveto) == (
        *("run-1:usages:2", ORIGIN.source, EGESOE, ORIGIN.read_at, None, None),
    )
    assert event.type == "dk.samspil.system.usage-stated.v1"


def test_the_front_gives_the_events_alone() -> None:
    """Callers that need no families call `read_register`."""
    given = {"authority": EGESOE, "source": ORIGIN.source, "run_id": "run-1"}
    found = read_register(delimited(USAGES), "usages.csv", read_at=ORIGIN.read_at, **given)
    assert found == events(USAGES, "usages")


def test_each_reading_has_ids_of_its_own() -> None:
    """A, B and A again are three events; the store tells what is unchanged by what is said."""
    again = replace(ORIGIN, run_id="run-2")
    first, second = only(USAGES, "anvendelser"), events(USAGES, "anvendelser", again)[0]
    assert first.id != second.id
    assert (first.subject, first.data) == (second.subject, second.data)


def test_subjects_follow_from_authority_source_register_and_number() -> None:
    """So that another register can refer to them by number; a number may stand in two registers."""
    usage, system = only(USAGES, "anvendelser"), only(SYSTEMS, "systemer")
    assert system.subject == str(subject_id(EGESOE, ORIGIN.source, "system:S-1"))
    assert usage.subject == str(ORIGIN.subject(Local("system-usage", "A-1")))
    assert usage.data["system"] == {"id": system.subject}


def test_a_uuid_is_the_subject_itself() -> None:
    """As key and as reference: what came from another source keeps its identity."""
    uuid = "6b2a0000-0000-4000-8000-000000000001"
    event = only([USAGES[0], [uuid, "OmsorgNær", uuid.upper()]], "anvendelser")
    assert (event.subject, event.data["system"]["id"]) == (uuid, uuid)


def test_shared_registers_belong_to_their_registrar() -> None:
    """A registrar shares its systems; an authority that reads them there refers to the registrar's subjects."""
    registrar = replace(ORIGIN, authority=KOMMUNEFAELLES, registrar=KOMMUNEFAELLES)
    reader = replace(ORIGIN, registrar=KOMMUNEFAELLES)
    (system,) = events(SYSTEMS, "systemer", registrar)
    (usage,) = events(USAGES, "anvendelser", reader)
    assert (system.shared, usage.shared) == (True, False)
    assert usage.data["system"]["id"] == system.subject
    assert not events(SYSTEMS, "systemer")[0].shared


def test_valid_time_is_written_with_both_days_and_kept_half_open() -> None:
    """`effectiveto` is the first day it no longer holds."""
    rows = [["Enhedsnummer", "Navn", "Gælder fra", "Gælder til"], ["E-1", "Center", "01-01-2025", "31-12-2025"]]
    event = only(rows, "enheder")
    assert (event.effective, event.effectiveto) == (date(2025, 1, 1), date(2026, 1, 1))


def test_figures_hold_from_their_publication() -> None:
    """Unless the register says from when; a revised figure is the same subject from a later day."""
    header = ["Serie", "Titel", "Periode", "Måles som", "Værdi", "Offentliggjort"]
    rows = [["NPI", "Nettoprisindeks", "oktober 2023", "niveau", value, day] for value, day in (
        ("118,3", "10-11-2023"), ("118,4", "10-12-2023"),
    )]  # fmt: skip
    first, revised = events([header, *rows], "indeks")
    assert (first.effective, revised.effective) == (date(2023, 11, 10), date(2023, 12, 10))
    assert first.subject == revised.subject


def test_prices_are_fixed_or_for_each_of_something() -> None:
    """A price for each is the one tier it begins with, unless tiers are given."""
    header = ["Prispostnummer", "Kontrakt", "Titel", "Periode", "Pris", "Pris pr.", "Trin"]
    rows = [
        ["P-1", "K-1", "Drift", "år", "120.000", "", ""],
        ["P-2", "K-1", "Licens", "måned", "14,50", "bruger", ""],
        ["P-3", "K-1", "Infrastruktur", "år", "", "indbygger", "0: 25,00; 150000: 12,50"],
    ]
    assert [event.data["price"] for event in events([header, *rows], "prisposter")] == [
        {"model": "fixed", "amount": "120000"},
        {"model": "per-unit", "base": "user", "tiers": [{"above": "0", "price": "14.5"}]},
        {
            "model": "per-unit",
            "base": "inhabitant",
            "tiers": [{"above": "0", "price": "25"}, {"above": "150000", "price": "12.5"}],
        },
    ]


def test_a_contract_is_read_with_its_lists() -> None:
    """Options, service levels and the currency of every amount in the row."""
    event = only(
        [
            ["Kontraktnummer", "Titel", "Leverandør", "Optioner", "Servicemål", "Loft", "Fakturagebyr", "Valuta"],
            [
                *("K-1", "Kontor", "L-1", "12: 30-06-2025: 20-05-2025; 12: 30-06-2026"),
                "S1 | Svar kl. 8:00-16:00 | svartid | 30 | minutter | måned",
                *("10.000", "0", "EUR"),
            ],
        ],
        "kontrakter",
    )
    assert event.data["terms"]["options"] == [
        {"months": 12, "use_by": "2025-06-30", "taken_up_on": "2025-05-20"},
        {"months": 12, "use_by": "2026-06-30"},
    ]
    assert [level["title"] for level in event.data["service_levels"]] == ["Svar kl. 8:00-16:00"]
    assert event.data["maximum"]["net"] == {"amount": "10000", "currency": "EUR"}
    assert event.data["payment"]["invoice_fee"]["currency"] == "EUR"


def test_lists_with_a_row_for_each_entry_are_gathered() -> None:
    """In any order of rows; what is said of the list may stand on any of them."""
    header = ["Kravliste", "Version", "Listenavn", "Krav", "Tekst", "Obligatorisk"]
    rows = [
        ["RA", "2026-1", "", "RA-1", "Læser organisation", "ja"],
        ["SKI", "1", "SKI 02.19", "I-1", "Integration", ""],
        ["RA", "2026-1", "Rammearkitekturen", "RA-2", "Modtager hændelser", "nej"],
    ]
    first, second = events([header, *rows], "kravlister")
    assert first.data["name"] == "Rammearkitekturen"
    assert [(one["number"], one["mandatory"]) for one in first.data["requirements"]] == [
        ("RA-1", True),
        ("RA-2", False),
    ]
    assert len(second.data["requirements"]) == 1


def test_a_conformity_refers_to_a_version_of_a_list() -> None:
    """The key of a list is its number and version, joined by a slash."""
    lists = [["Kravliste", "Version", "Listenavn", "Krav", "Tekst"], ["RA", "2026-1", "R", "RA-1", "T"]]
    rows = [["Anvendelse", "Kravliste", "Krav", "Opfyldt"], ["A-1", "RA/2026-1", "RA-1", "delvist"]]
    assert only(rows, "kravopfyldelse").data["requirement_list"]["id"] == only(lists, "kravlister").subject


def test_a_role_is_held_for_what_its_kind_says() -> None:
    """The same number means another subject in another register."""
    header = ["Nummer", "Slags", "Rolle", "Initialer", "Navn"]
    rows = [["1", kind, "systemejer", "kali", "Karen Lindholt"] for kind in ("anvendelse", "kontrakt")]
    assert [event.data["responsible_for"]["id"] for event in events([header, *rows], "roller")] == [
        str(ORIGIN.subject(Local(kind, "1"))) for kind in ("system-usage", "contract")
    ]


def test_cpr_numbers_in_texts_are_masked() -> None:
    """By the models, as wherever events come from."""
    rows = [["Systemnummer", "Navn", "Beskrivelse"], ["S-1", "X", "Sagen om 010170-1234"]]
    assert only(rows, "systemer").data["description"] == "Sagen om 010170-****"


def test_every_column_of_a_layout_goes_by_names_of_its_own() -> None:
    """No header means two columns, in any register."""
    for layout in LAYOUTS:
        names = [name for column in layout.columns for name in column.names]
        assert len(names) == len(set(names)), layout.name


def test_every_register_has_a_name_and_a_kind_of_its_own_and_an_event_family() -> None:
    """A file or a sheet means one register, and a reference one kind of subject."""
    names = [name for layout in LAYOUTS for name in layout.names]
    assert len(names) == len(set(names))
    assert len({layout.kind for layout in LAYOUTS}) == len({layout.family for layout in LAYOUTS}) == len(LAYOUTS)
    assert all(CATALOGUE.latest(layout.family).state for layout in LAYOUTS)
