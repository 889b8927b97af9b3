"""How much an import costs beside the plain insertion of the same rows into the same tables.

`python -m tests.benchmarks.imports [--rows N] [--url URL]`: a file of N generated candidates is
read, checked and applied in chunks, in a process of its own as the worker does it; then SQLAlchemy
Core inserts the rows that this made, table by table, into an empty database of the same kind.
Without a URL: SQLite in a temporary folder. URL holds {} where 1 and 2 go, of two empty databases.
"""

import argparse
import csv
import io
import json
import resource
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import sqlalchemy as sa
from flask_migrate import upgrade

from portal import candidate_files, intake
from portal.extensions import db
from portal.jobs import Chunks
from portal.models import Employer, utcnow
from tests.conftest import make_app

HEADER = (
    *("name", "email", "role", "role_family", "department", "external_id", "stage"),
    *("last_interview_on", "outcome", "decided_on", "told_on", "channel", "feedback", "reason"),
)
FAMILIES = ("engineering", "sales", "care", "")
CHUNK = 1000


def generate(rows: int) -> bytes:
    """A file of ROWS candidates: nine of ten decided, most of them told."""
    today, text = date.today(), io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for n in range(rows):
        decided = today - timedelta(days=5 + n % 50)
        told = decided + timedelta(days=n % 4)
        ends = ["rejected", decided, told, "phone", "general", f"Reason {n % 9}"]
        if n % 10 == 0:
            ends = [""] * 6
        elif n % 7 == 0:
            ends = ["rejected", decided, "", "", "", ""]
        role = (f"Role {n % 400}", FAMILIES[n % 4], "")
        whom = (f"Kim {n} Example", f"kim{n}@example.org")
        writer.writerow([*whom, *role, f"A{n}", "Onsite", decided - timedelta(days=9), *ends])
    return text.getvalue().encode()


def peak() -> int:
    """The most memory that this process has held so far, in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def employer_of(url: str) -> int:
    employer = Employer(
        slug="acme",
        name="Acme",
        reply_to="a@acme.test",
        approved_at=utcnow(),
        postal_address="1 Main Street",
    )
    db.session.add(employer)
    db.session.commit()
    return employer.id


def apply(url: str, rows: int) -> dict[str, Any]:
    """A file of ROWS candidates read, checked and applied; what that took."""
    with make_app(url).app_context():
        upgrade()
        employer_id, data = employer_of(url), generate(rows)
        held, began = peak(), time.process_time()
        with candidate_files.open_sheet(io.BytesIO(data), candidate_files.is_column_name) as sheet:
            place = Employer(timezone="UTC")
            checked = intake.check_file(sheet, candidate_files.Plan(), place, utcnow())
            assert not checked.faults, checked.faults[:3]
            read = time.process_time() - began
            seen = count_statements()
            apply_all(employer_id, checked)
        took = time.process_time() - began
        spent = {"cpu": took, "reading": read, "memory": peak() - held}
        return spent | {"statements": len(seen) / rows}


def count_statements() -> bytearray:
    """A byte for every statement from now on: their texts would be most of what is held."""
    seen = bytearray()

    @sa.event.listens_for(db.engine, "before_cursor_execute")
    def note(*_: Any) -> None:
        seen.append(0)

    return seen


def apply_all(employer_id: int, checked: Any) -> None:
    chunks, now = Chunks(intake.MOST, intake.LEAST), utcnow()
    work = chunks.run(lambda: intake.begin_import(employer_id, checked, "candidates.csv", now))
    for rows in work.chunks(lambda: chunks.size):
        work.count(rows, chunks.run(lambda rows=rows: work.apply(rows)))
    chunks.run(lambda: work.finish(utcnow()))


TABLES = (
    *("candidate", "requisition", "application", "decision", "notice", "invitation"),
    *("audit_event", "run", "run_line", "import_run"),
)


def insert(url: str, source: str) -> dict[str, Any]:
    """The rows that an import has made in SOURCE inserted into an empty database at URL."""
    tables = [db.metadata.tables[name] for name in TABLES if name in db.metadata.tables]
    with make_app(source).app_context():
        held = {
            table.name: [dict(row) for row in db.session.execute(sa.select(table)).mappings()]
            for table in tables
        }
    with make_app(url).app_context():
        upgrade()
        employer_of(url)
        db.session.remove()  # it holds SQLite's lock
        began = time.process_time()
        for table in tables:
            rows = held[table.name]
            for start in range(0, len(rows), CHUNK):
                with db.engine.begin() as connection:
                    connection.execute(sa.insert(table), rows[start : start + CHUNK])
        return {"cpu": time.process_time() - began, "rows": sum(map(len, held.values()))}


def alone(*arguments: str) -> dict[str, Any]:
    """What one part prints, in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.imports", *arguments]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--url", help="an empty PostgreSQL database; {} is where 1 and 2 go")
    parser.add_argument("--part", choices=["apply", "insert"])
    parser.add_argument("--source")
    options = parser.parse_args()
    if options.part == "apply":
        print(json.dumps(apply(options.url, options.rows)))
        return
    if options.part == "insert":
        print(json.dumps(insert(options.url, options.source)))
        return
    with TemporaryDirectory() as folder:
        urls = options.url or f"sqlite:///{Path(folder) / 'bench{}.sqlite'}"
        first, second = urls.format(1), urls.format(2)
        applied = alone("--part", "apply", "--url", first, "--rows", str(options.rows))
        plain = alone("--part", "insert", "--url", second, "--source", first)
    rows = options.rows
    print(f"{rows:,} rows, {first.partition(':')[0]}")
    print(f"apply  {applied['cpu']:.1f} s CPU ({1000 * applied['cpu'] / rows:.2f} ms a row,")
    print(f"       of them {applied['reading']:.1f} s reading and checking),")
    print(f"       {applied['memory'] / 1024:.0f} MiB more, {applied['statements']:.2f} statements")
    print(f"insert {plain['cpu']:.1f} s CPU, {plain['rows']:,} rows in all tables")
    print(f"ratio  {applied['cpu'] / plain['cpu']:.1f}")


if __name__ == "__main__":
    main()
