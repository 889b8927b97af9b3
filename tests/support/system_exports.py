"""Files as ten recruiting systems export them, and what each row is to come in as.

The headings are those the systems write; people, words and days are our own. What is expected was
written before any of these files was imported.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from portal.models import Outcome

REJECTED, HIRED = Outcome.REJECTED, Outcome.HIRED
WITHDRAWN, DECLINED = Outcome.WITHDRAWN, Outcome.OFFER_DECLINED
FOLDER = Path(__file__).parent.parent / "data" / "exports"
ASKED = date(2025, 6, 20)  # the day of the decision, where the file has none and it is asked


@dataclass(frozen=True)
class Expected:
    """One application: whose, for what, and what was decided when."""

    email: str
    role: str
    outcome: Outcome | None = None
    day: date | None = None
    name: str = ""


@dataclass(frozen=True)
class Export:
    """What becomes of the rows of a system's file, and of its next file's one row."""

    expected: tuple[Expected, ...]
    expected_next: Expected
    told: bool
    has_day: bool = True


def read(system: str) -> bytes:
    return (FOLDER / f"{system}.csv").read_bytes()


def person(name: str, role: str, outcome: Outcome | None = None, day: str = "") -> Expected:
    decided = date.fromisoformat(day) if day else None
    address = f"{name.split(maxsplit=1)[0].lower()}@mail.test"
    return Expected(address, role, outcome, decided or (ASKED if outcome else None), name)


SMARTRECRUITERS = Export(
    (
        person("Marta Lind", "Baker", REJECTED, "2025-03-20"),
        person("Ole Brandt", "Baker"),
        person("Pia Storm", "Shift lead", HIRED, "2025-04-02"),
        person("Quim Sala", "Shift lead", WITHDRAWN, "2025-03-28"),
    ),
    person("Rut Vega", "Baker", REJECTED, "2025-04-20"),
    told=True,
)
SMARTBUILDER = Export(
    (
        person("Abel Novak", "Tram driver", REJECTED, "2025-05-06"),
        person("Beth Osei", "Tram driver", HIRED, "2025-05-09"),
        person("Caro Pinto", "Dispatcher", WITHDRAWN, "2025-05-02"),
        person("Dele Quist", "Dispatcher"),
    ),
    person("Efe Rosen", "Dispatcher", REJECTED, "2025-05-30"),
    told=False,
)
FRAPPE = Export(
    (
        person("Fay Stone", "Accountant", REJECTED),
        person("Gus Timm", "Accountant"),
        person("Hedi Uhl", "Auditor", HIRED),
        person("Ian Voss", "Auditor"),
        person("Joy Wolter", "Auditor"),
    ),
    person("Kai Xander", "Auditor", REJECTED),
    told=True,
    has_day=False,
)
LEVER = Export(
    (
        person("Nora Falk", "Data analyst", REJECTED, "2025-06-11"),
        person("Iker Ruiz", "Data analyst", DECLINED, "2025-06-12"),
        person("Jun Abe", "Data analyst"),
        person("Lea Roth", "Statistician", WITHDRAWN, "2025-06-03"),
        person("Max Orr", "Statistician", HIRED, "2025-06-13"),
        person("Nils Paw", "Statistician", REJECTED, "2025-06-02"),
    ),
    person("Ona Quill", "Statistician", REJECTED, "2025-07-02"),
    told=False,
)
CLEARCO = Export(
    (
        person("Gia Penn", "Welder", WITHDRAWN, "2025-02-21"),
        person("Hal Quist", "Plant manager", HIRED, "2025-03-04"),
        person("Ivy Rand", "Welder", REJECTED, "2025-03-14"),
        person("Ivy Rand", "Painter", REJECTED, "2025-03-17"),
        person("Jon Sato", "Painter"),
    ),
    person("Kim Tran", "Painter", REJECTED, "2025-03-28"),
    told=True,
)
TRAKSTAR = Export(
    (
        person("Lio Umber", "Line cook", REJECTED),
        person("Mia Vogt", "Line cook"),
        person("Neo Wolf", "Pastry chef", REJECTED),
    ),
    person("Oda Xiu", "Pastry chef", REJECTED),
    told=False,
    has_day=False,
)
WORKABLE = Export(
    (
        person("Uma Vance", "Midwife", REJECTED),
        person("Vic Wells", "Midwife", HIRED),
        person("Wes Xiao", "Porter"),
    ),
    person("Xia York", "Porter", REJECTED),
    told=True,
    has_day=False,
)
DASATS = Export(
    (
        person("Yara Zell", "Gardener", REJECTED),
        person("Zeb Ames", "Gardener", HIRED),
        person("Avi Boon", "Arborist"),
    ),
    person("Bea Cruz", "Arborist", REJECTED),
    told=False,
    has_day=False,
)
SSTARR = Export(
    (
        person("Cleo Dane", "Nurse", REJECTED),
        person("Dov Eder", "Nurse", WITHDRAWN),
        person("Elsa Frey", "Nurse"),
        person("Finn Gill", "Cook", HIRED),
        person("Gro Holt", "Cook"),
    ),
    person("Hugo Ives", "Cook", REJECTED),
    told=True,
    has_day=False,
)
APPLICATIONS = Export(
    (
        Expected("kit@mail.test", "Warehouse lead", REJECTED, ASKED),
        Expected("lou@mail.test", "Warehouse lead"),
        Expected("mo@mail.test", "Packer"),
    ),
    Expected("nan@mail.test", "Packer", REJECTED, ASKED),
    told=False,
    has_day=False,
)
EXPORTS = {
    "smartrecruiters": SMARTRECRUITERS,
    "smartbuilder": SMARTBUILDER,
    "frappe": FRAPPE,
    "lever": LEVER,
    "clearco": CLEARCO,
    "trakstar": TRAKSTAR,
    "workable": WORKABLE,
    "dasats": DASATS,
    "sstarr": SSTARR,
    "applications": APPLICATIONS,
}
