"""runs: long work by a worker, its lines, and files on their way in; what a role is looked for"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def choice(name, *values):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def moment(name, nullable=True):
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def key(table, column, other, nullable=True):
    name = op.f(f"fk_{table}_{column}_{other}")
    return (
        sa.Column(column, sa.Integer(), nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name),
    )


def primary(table, *columns):
    return sa.PrimaryKeyConstraint(*columns, name=op.f(f"pk_{table}"))


def upgrade() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        *key("run", "employer_id", "employer", nullable=False),
        sa.Column("kind", choice("kind", "import"), nullable=False),
        sa.Column(
            "state",
            choice("state", "queued", "running", "finished", "failed", "undoing", "undone"),
            nullable=False,
        ),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=True),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        *key("run", "user_id", "user"),
        moment("created_at", nullable=False),
        moment("started_at"),
        moment("beat_at"),
        moment("finished_at"),
        moment("undone_at"),
        *key("run", "undone_by", "user"),
        primary("run", "id"),
    )
    move_imports()
    op.create_index(op.f("ix_run_employer_id_run_id"), "run", ["employer_id", "id"])
    op.create_index(op.f("ix_run_employer_id_run_digest"), "run", ["employer_id", "digest"])
    op.create_index(op.f("ix_run_state_run_id"), "run", ["state", "id"])
    op.create_table(
        "run_line",
        *key("run_line", "run_id", "run", nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("application_id", sa.Integer(), nullable=True),
        sa.Column(
            "result", choice("result", "new", "changed", "same", "left", "failed"), nullable=False
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        primary("run_line", "run_id", "number"),
    )
    op.create_index(op.f("ix_run_line_application_id"), "run_line", ["application_id"])
    create_files()
    with op.batch_alter_table("requisition") as batch_op:
        state = choice("state", "open", "filled", "closed")
        batch_op.add_column(sa.Column("state", state, nullable=False, server_default="open"))
        batch_op.add_column(sa.Column("places", sa.Integer(), nullable=False, server_default="1"))
        batch_op.add_column(sa.Column("owner_id", sa.Integer(), nullable=True))
        batch_op.create_check_constraint("places", "places > 0")
        batch_op.create_foreign_key(
            op.f("fk_requisition_owner_id_user"), "user", ["owner_id"], ["id"]
        )
    with op.batch_alter_table("requisition") as batch_op:
        batch_op.alter_column("state", server_default=None)
        batch_op.alter_column("places", server_default=None)


def move_imports() -> None:
    """Files that were applied before are finished runs, without lines."""
    connection = op.get_bind()
    tables = sa.MetaData()
    tables.reflect(connection, only=["import_run", "run"])
    old, run = tables.tables["import_run"], tables.tables["run"]
    for row in connection.execute(sa.select(old)).mappings().all():
        rows, at = (row["counts"] or {}).get("rows", 0), row["applied_at"]
        connection.execute(
            sa.insert(run).values(
                employer_id=row["employer_id"],
                kind="import",
                state="finished",
                name="",
                digest=row["digest"],
                plan={},
                counts=row["counts"],
                total=rows,
                done=rows,
                user_id=row["user_id"],
                **dict.fromkeys(("created_at", "started_at", "beat_at", "finished_at"), at),
                id=row["id"],  # the audit trail names it
            )
        )
    if connection.dialect.name == "postgresql":
        op.execute("SELECT setval('run_id_seq', coalesce(max(id), 0) + 1, false) FROM run")
    op.drop_table("import_run")


def create_files() -> None:
    op.create_table(
        "intake_file",
        sa.Column("id", sa.Integer(), nullable=False),
        *key("intake_file", "employer_id", "employer", nullable=False),
        *key("intake_file", "user_id", "user"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("checked", sa.JSON(), nullable=True),
        sa.Column("state", choice("state", "open", "checking", "checked"), nullable=False),
        moment("created_at", nullable=False),
        moment("touched_at", nullable=False),
        *key("intake_file", "run_id", "run"),
        primary("intake_file", "id"),
    )
    for names in (["employer_id", "touched_at"], ["run_id"], ["state", "touched_at"]):
        name = f"ix_intake_file_{'_intake_file_'.join(names)}"
        op.create_index(op.f(name), "intake_file", names)
    op.create_table(
        "intake_mapping",
        *key("intake_mapping", "employer_id", "employer", nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("learnt", sa.JSON(), nullable=False),
        moment("used_at", nullable=False),
        primary("intake_mapping", "employer_id", "key"),
    )


def downgrade() -> None:
    with op.batch_alter_table("requisition") as batch_op:
        batch_op.drop_constraint(op.f("fk_requisition_owner_id_user"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_requisition_places"), type_="check")
        batch_op.drop_constraint(op.f("ck_requisition_state"), type_="check")
        batch_op.drop_column("owner_id")
        batch_op.drop_column("places")
        batch_op.drop_column("state")
    op.drop_table("intake_mapping")
    op.drop_table("intake_file")
    op.drop_table("run_line")
    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        *key("import_run", "employer_id", "employer", nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        *key("import_run", "user_id", "user"),
        moment("applied_at", nullable=False),
        primary("import_run", "id"),
    )
    op.execute(
        "INSERT INTO import_run (id, employer_id, digest, counts, user_id, applied_at)"
        " SELECT id, employer_id, digest, counts, user_id, finished_at FROM run"
        " WHERE kind = 'import' AND state = 'finished' AND digest IS NOT NULL"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "SELECT setval('import_run_id_seq', coalesce(max(id), 0) + 1, false) FROM import_run"
        )
    op.create_index(
        op.f("ix_import_run_employer_id_import_run_digest"), "import_run", ["employer_id", "digest"]
    )
    op.drop_table("run")
