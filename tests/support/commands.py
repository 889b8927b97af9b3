"""Our commands as real processes, and files for them."""

import csv
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[2]
COLUMNS = "name email role external_id outcome decided_on told_on channel last_interview_on"


def environment(url: str, folder: Path, **settings: str) -> dict[str, str]:
    """What a process must be told to work on the database of URL."""
    own = {"DATABASE_URL": url, "INSTANCE_PATH": str(folder), "LOG_LEVEL": "WARNING"}
    return os.environ | own | settings


def start(environ: dict[str, str], *arguments: str) -> subprocess.Popen:
    """`flask` with ARGUMENTS, as a process that can be killed."""
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        env=environ,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(environ: dict[str, str], *arguments: str) -> str:
    """What `flask` with ARGUMENTS prints; it must succeed."""
    process = start(environ, *arguments)
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out


def write_candidates(path: Path, count: int) -> Path:
    """A file of COUNT candidates, decided upon and nearly all of them told."""
    today = date.today()
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS.split())
        for number in range(count):
            decided = today - timedelta(days=5 + number % 50)
            told = decided + timedelta(days=number % 4)
            rows.writerow(
                [
                    *(f"Kim {number}", f"kim{number}@example.org", f"Role {number % 40}"),
                    *(f"A{number}", "rejected", decided, told if number % 7 else "", "phone"),
                    decided - timedelta(days=10),
                ]
            )
    return path
