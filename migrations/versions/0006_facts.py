"""facts: departments, more families of roles and their moments, own addresses, mailboxes"""

import struct
from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

FORMER_FAMILIES = ("engineering", "sales", "operations", "finance", "other")
FAMILIES = (
    'engineering', 'sales', 'operations', 'finance', 'care', 'education', 'hospitality', 'trades',
    'management', 'other',
)  # fmt: skip
FORMER_SKIP_REASONS = (
    "no_email", "do_not_email", "opted_out", "suppressed", "recently_asked", "active_elsewhere",
    "retracted", "too_old", "employer_off", "no_sender", "undelivered", "stale",
)  # fmt: skip
SKIP_REASONS = (*FORMER_SKIP_REASONS, "own_address")
MAILBOX_INDEX = "ix_candidate_employer_id_candidate_mailbox"
CHUNK = 5_000
WITH_FAMILY = ("requisition", "invitation", "response")

# Moments have a column for one, nine habits, two stages, each family but the first, and the stars.
SAME = 15  # as many columns stand where they stood
FORMER_SIZES = {136: 16, 153: 17}
SIZES = {231: 21, 253: 22}
FORMER_OTHER, OTHER = 15, 20
# What the ridge (0.01) of the lever model makes of a column that nobody has.
UNKNOWN_VARIANCE = 100.0

MONTHS = sa.table(
    "rollup_month",
    sa.column("employer_id", sa.Integer),
    sa.column("month", sa.Date),
    sa.column("answered", sa.LargeBinary),
    sa.column("population", sa.LargeBinary),
)
CANDIDATES = sa.table(
    "candidate",
    sa.column("id", sa.Integer),
    sa.column("email", sa.String),
    sa.column("mailbox", sa.String),
)
FITS = sa.table("platform_fit", sa.column("id", sa.Integer), sa.column("model", sa.JSON))

Places = Sequence[int]


def upgrade() -> None:
    _allow("invitation", "skip_reason", SKIP_REASONS)
    with op.batch_alter_table("employer") as batch_op:
        batch_op.add_column(
            sa.Column("confirmed_domains", sa.JSON(), nullable=False, server_default="[]")
        )
    with op.batch_alter_table("employer") as batch_op:
        batch_op.alter_column("confirmed_domains", server_default=None)
    op.add_column("candidate", sa.Column("mailbox", sa.String(length=254), nullable=True))
    _fill_mailboxes()
    op.create_index(op.f(MAILBOX_INDEX), "candidate", ["employer_id", "mailbox"])
    for name in WITH_FAMILY:
        _allow(name, "role_family", FAMILIES)
        op.add_column(name, sa.Column("department", sa.String(length=120), nullable=True))
    new_places = [*range(SAME), OTHER, OTHER + 1]
    _move_months(FORMER_SIZES, new_places, larger_by=5)
    _move_fits(_with_more_families)


def downgrade() -> None:
    op.execute("UPDATE invitation SET skip_reason = 'no_email' WHERE skip_reason = 'own_address'")
    _allow("invitation", "skip_reason", FORMER_SKIP_REASONS)
    with op.batch_alter_table("employer") as batch_op:
        batch_op.drop_column("confirmed_domains")
    op.drop_index(op.f(MAILBOX_INDEX), "candidate")
    with op.batch_alter_table("candidate") as batch_op:
        batch_op.drop_column("mailbox")
    _move_fits(_with_former_families)
    # Who has one of the families that go is among the others again: their columns add up.
    former_places = [*range(SAME), *[FORMER_OTHER] * (OTHER - SAME + 1), FORMER_OTHER + 1]
    _move_months(SIZES, former_places, larger_by=-5)
    for name in WITH_FAMILY:
        with op.batch_alter_table(name) as batch_op:
            batch_op.drop_column("department")
        table = sa.table(name, sa.column("role_family"))
        gone = table.c.role_family.not_in(FORMER_FAMILIES)
        op.execute(sa.update(table).where(gone).values(role_family="other"))
        _allow(name, "role_family", FORMER_FAMILIES)


def _allow(table: str, column: str, values: Sequence[str]) -> None:
    """Let COLUMN hold VALUES and nothing else."""
    name = op.f(f"ck_{table}_{column}")
    listed = ", ".join(f"'{value}'" for value in values)
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, f"{column} IN ({listed})")


def _fill_mailboxes() -> None:
    connection, last = op.get_bind(), 0
    fill = sa.update(CANDIDATES).where(CANDIDATES.c.id == sa.bindparam("this"))
    while rows := connection.execute(
        sa.select(CANDIDATES)
        .where(CANDIDATES.c.id > last, CANDIDATES.c.email.is_not(None))
        .order_by(CANDIDATES.c.id)
        .limit(CHUNK)
    ).all():
        boxes = [{"this": row.id, "mailbox": _mailbox_of(row.email)} for row in rows]
        connection.execute(fill.values(mailbox=sa.bindparam("mailbox")), boxes)
        last = rows[-1].id


def _mailbox_of(address: str) -> str:
    local, at, domain = address.rpartition("@")
    local = local.casefold()
    untagged = local if local.startswith('"') else local.partition("+")[0]
    return f"{untagged or local}{at}{domain.lower()}"


def _move_months(sizes: dict[int, int], places: Places, larger_by: int) -> None:
    """Each stored triangle with its column i at PLACES[i]; two at one place are added up."""
    connection = op.get_bind()
    for row in connection.execute(sa.select(MONTHS)).all():
        moved = {
            name: _move_triangle(getattr(row, name), sizes, places, larger_by)
            for name in ("answered", "population")
        }
        this = (MONTHS.c.employer_id == row.employer_id, MONTHS.c.month == row.month)
        connection.execute(sa.update(MONTHS).where(*this).values(moved))


def _move_triangle(packed: bytes, sizes: dict[int, int], places: Places, larger_by: int) -> bytes:
    values = iter(struct.unpack(f"<{len(packed) // 8}q", packed))
    size = sizes[len(packed) // 8]
    if size == min(sizes.values()):
        places = places[:-1]  # without the stars
    square = [[0] * (size + larger_by) for _ in range(size + larger_by)]
    for i in range(size):
        for j in range(i, size):
            value = next(values)
            square[places[i]][places[j]] += value
            if i != j:
                square[places[j]][places[i]] += value
    triangle = [value for i, row in enumerate(square) for value in row[i:]]
    return struct.pack(f"<{len(triangle)}q", *triangle)


def _move_fits(move: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """The stored lever models, so that pages go on with them until the night's new one."""
    connection = op.get_bind()
    for fit in connection.execute(sa.select(FITS)).all():
        if fit.model:
            model = {
                "mode": move(fit.model["mode"]),
                "draws": [move(draw) for draw in fit.model["draws"]],
            }
            connection.execute(sa.update(FITS).where(FITS.c.id == fit.id).values(model=model))


def _with_more_families(fit: dict[str, Any]) -> dict[str, Any]:
    places = [*range(SAME - 1), OTHER - 1]  # it has no column for one
    b = [0.0] * OTHER
    b_cov = [[UNKNOWN_VARIANCE * (i == j) for j in range(OTHER)] for i in range(OTHER)]
    for i, place in enumerate(places):
        b[place] = fit["b"][i]
        for j, other in enumerate(places):
            b_cov[place][other] = fit["b_cov"][i][j]
    return fit | {"b": b, "b_cov": b_cov}


def _with_former_families(fit: dict[str, Any]) -> dict[str, Any]:
    places = [*range(SAME - 1), OTHER - 1]
    return fit | {
        "b": [fit["b"][place] for place in places],
        "b_cov": [[fit["b_cov"][i][j] for j in places] for i in places],
    }
