"""Row 18: a migration killed half way leaves what was there, and goes through the next time.

Going down, and up again with a filled database, is in tests/test_migrations.py.
"""

import signal
import subprocess
import sys

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from portal import schema
from portal.extensions import db
from tests.support import commands
from tests.support.first_version import LAST_REVISION, FirstVersion
from tests.test_migrations import EACH, at, before, empty_url, fill_acme, move, move_down, rows_of

__all__ = ["at", "empty_url"]

REVISIONS = [f"{number:04}" for number in range(1, 22)]
KEPT = ("application", "candidate", "invitation", "requisition")


def fill_before(at, revision: str) -> None:
    """A database as it was before REVISION, with what the first version held."""
    at(LAST_REVISION)
    fill_acme(FirstVersion())
    if revision > LAST_REVISION:
        move(before(revision))
    elif revision == REVISIONS[0]:
        move_down("base")
    else:
        move_down(before(revision))
    db.session.remove()
    db.engine.dispose()


def everything() -> tuple[str | None, dict, list[str]]:
    """Revision, rows and indexes; nothing is left open."""
    held = rows_of()
    inspector = sa.inspect(db.session.connection())
    indexes = sorted(
        f"{found['name']} {found['column_names']}"
        for name in held
        for found in inspector.get_indexes(name)
    )
    found = schema.current_revision(), held, indexes
    db.session.remove()
    db.engine.dispose()
    return found


def test_row_18_every_migration_is_tried():
    there = ScriptDirectory(str(commands.ROOT / "migrations")).walk_revisions()
    assert [one.revision for one in there][::-1] == REVISIONS


@pytest.mark.storm
@EACH
@pytest.mark.parametrize("revision", REVISIONS)
def test_row_18_a_migration_killed_half_way_runs_again(at, empty_url, tmp_path, revision):
    fill_before(at, revision)
    held = everything()
    for number in ("2", "last"):
        command = [sys.executable, "-m", "tests.faults.killed_upgrade", revision, number]
        environ = commands.environment(empty_url, tmp_path)
        killed = subprocess.run(
            command, cwd=commands.ROOT, env=environ, capture_output=True, text=True, check=False
        )
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert everything() == held
    move(revision)
    assert schema.current_revision() == revision
    move()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []
    if revision != REVISIONS[0]:
        counts = {name: len(rows) for name, rows in rows_of(*KEPT).items()}
        assert {name: counts[name] for name in KEPT} == {name: len(held[1][name]) for name in KEPT}
        assert all(counts[name] for name in KEPT)
