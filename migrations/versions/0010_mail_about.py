"""mail about: what an email is about is a key of its own for each table, not a bare number"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

# By column: the table, and the kinds of mail that are about its rows.
ABOUT = {
    "notice_id": ("notice", ("notice",)),
    "invitation_id": ("invitation", ("invite", "reminder", "fresh_link")),
    "data_request_id": ("data_request", ("data_request",)),
}
COLUMNS = (*ABOUT, "user_id")
TABLES = {column: table for column, (table, _) in ABOUT.items()} | {"user_id": "user"}
KNOWN = tuple(kind for _, kinds in ABOUT.values() for kind in kinds)

EMAIL = sa.table("email", sa.column("kind"), sa.column("about"), *map(sa.column, COLUMNS))


def listed(kinds) -> str:
    return ", ".join(f"'{kind}'" for kind in kinds)


def upgrade() -> None:
    with op.batch_alter_table("email") as batch_op:
        batch_op.drop_constraint(op.f("ck_email_kind"), type_="check")
        for column in COLUMNS:
            batch_op.add_column(sa.Column(column, sa.Integer(), nullable=True))
    for column, (table, kinds) in ABOUT.items():
        its_id = sa.table(table, sa.column("id")).c.id
        is_there = sa.exists().where(its_id == EMAIL.c.about)
        its_kinds = EMAIL.c.kind.in_(kinds)
        op.execute(EMAIL.update().where(its_kinds, is_there).values({column: EMAIL.c.about}))
    # What it was about is gone, so it could not be sent and nothing follows from it; mail of the
    # kind 'account' was never written by any version.
    op.execute(
        "DELETE FROM email WHERE notice_id IS NULL AND invitation_id IS NULL AND data_request_id IS NULL"
    )
    is_about_one = [
        f"(({column} IS NOT NULL) = (kind IN ({listed(kinds)})))"
        for column, (_, kinds) in ABOUT.items()
    ]
    is_about_one.append(f"((user_id IS NOT NULL) = (kind NOT IN ({listed(KNOWN)})))")
    with op.batch_alter_table("email") as batch_op:
        batch_op.drop_index(op.f("ix_email_employer_id_email_kind_email_about"))
        batch_op.drop_column("about")
        for column, table in TABLES.items():
            name = op.f(f"fk_email_{column}_{table}")
            batch_op.create_foreign_key(name, table, [column], ["id"])
        batch_op.create_check_constraint(op.f("ck_email_about"), " AND ".join(is_about_one))
        batch_op.create_index(
            op.f("ix_email_employer_id_email_kind"), ["employer_id", "kind"], unique=False
        )
        for column in COLUMNS:
            is_set = sa.text(f"{column} IS NOT NULL")
            batch_op.create_index(
                f"ix_email_{column}",
                [column],
                unique=False,
                sqlite_where=is_set,
                postgresql_where=is_set,
            )


def downgrade() -> None:
    op.execute(EMAIL.delete().where(EMAIL.c.kind.not_in(KNOWN)))
    with op.batch_alter_table("email") as batch_op:
        batch_op.add_column(sa.Column("about", sa.Integer(), nullable=True))
    op.execute("UPDATE email SET about = COALESCE(notice_id, invitation_id, data_request_id)")
    with op.batch_alter_table("email") as batch_op:
        for column in COLUMNS:
            batch_op.drop_index(f"ix_email_{column}")
        batch_op.drop_index(op.f("ix_email_employer_id_email_kind"))
        batch_op.drop_constraint(op.f("ck_email_about"), type_="check")
        for column, table in TABLES.items():
            batch_op.drop_constraint(op.f(f"fk_email_{column}_{table}"), type_="foreignkey")
        for column in COLUMNS:
            batch_op.drop_column(column)
        batch_op.alter_column("about", existing_type=sa.Integer(), nullable=False)
        batch_op.create_check_constraint(
            op.f("ck_email_kind"), f"kind IN ({listed((*KNOWN[:-1], 'account', KNOWN[-1]))})"
        )
        batch_op.create_index(
            op.f("ix_email_employer_id_email_kind_email_about"),
            ["employer_id", "kind", "about"],
            unique=False,
        )
