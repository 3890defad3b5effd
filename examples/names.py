"""Names to draw from. People, places and companies are made up; a likeness to a real one is chance."""

from random import Random

GIVEN = (
    "Anne", "Mette", "Karen", "Hanne", "Lone", "Pia", "Birgit", "Tina", "Susanne", "Camilla", "Maja", "Freja",
    "Peter", "Lars", "Henrik", "Søren", "Jens", "Niels", "Thomas", "Martin", "Rasmus", "Jonas", "Emil", "Bo",
)  # fmt: skip
FAMILY = (
    "Lindholt", "Bakkegård", "Torpager", "Skovriis", "Ellekær", "Møllehave", "Vestersø", "Kongsmark", "Birkelund",
    "Hedelund", "Sandager", "Klintø", "Rugballe", "Tangsig", "Overgaard", "Egeriis", "Brinkholm", "Dalsfort",
)  # fmt: skip
PLACES = (
    "Nørre", "Sønder", "Øster", "Vester", "Skov", "Sø", "Bakke", "Eng", "Mølle", "Kirke", "Lærke", "Linde", "Birke",
    "Ege", "Bøge", "Hede", "Strand", "Rosen", "Kær", "Høj", "Lund", "Tofte", "Vænge", "Bæk", "Klint", "Agger", "Ravn",
    "Svane", "Granit",
)  # fmt: skip
COMPANY_STEMS = (
    "Kvistgran", "Nattelyng", "Tranestof", "Skumbølge", "Glimmerås", "Humletorn", "Spurveblik", "Regnfang", "Tidselfin",
    "Kobbermos", "Duggræs", "Blåkilde", "Sivhale", "Mosekone", "Vindruse", "Krystalhus", "Rimtråd", "Lyngfugl",
    "Hasselkrog", "Pilefløjt", "Ravfinder", "Sneglebo", "Takvinge", "Ulvetand", "Viborre", "Ørnesand", "Åkande",
    "Bregnehat", "Dyndspring", "Elverskud",
)  # fmt: skip
COMPANY_ENDINGS = ("Software ApS", "IT A/S", "Data ApS", "Systemer A/S")

_ASCII = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})


def ascii_lower(name: str) -> str:
    """The name as it stands in mail addresses and URNs."""
    return name.casefold().translate(_ASCII)


def person(chance: Random) -> tuple[str, str]:
    """A given and a family name."""
    return chance.choice(GIVEN), chance.choice(FAMILY)


def initials(given: str, family: str, serial: int) -> str:
    """What suppliers write on an invoice as the person reference: five letters that no colleague shares."""
    first, second = divmod(serial, 26)
    stem = ascii_lower(given)[:1] + ascii_lower(family)[:2]
    return (stem + chr(ord("a") + first % 26) + chr(ord("a") + second)).upper()
