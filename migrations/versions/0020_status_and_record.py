"""status and record: a candidate's own page, and what was owed when somebody was told"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

# By column: the kinds of mail that are about rows of its table. The rest are about a user.
BEFORE = {
    "notice_id": ("notice",),
    "invitation_id": ("invite", "reminder", "fresh_link"),
    "data_request_id": ("data_request",),
    "team_invitation_id": ("team_invitation",),
}
AFTER = BEFORE | {"application_id": ("status_link",)}
OF_NOTICES = {
    "promised_before": sa.Date(),
    "owed_on": sa.Date(),
    "owed_under": sa.String(length=20),
}


def about_one(about) -> str:
    def of(column, is_one_of, kinds):
        listed = ", ".join(f"'{kind}'" for kind in kinds)
        return f"(({column} IS NOT NULL) = (kind {is_one_of} ({listed})))"

    known = [kind for kinds in about.values() for kind in kinds]
    parts = [of(column, "IN", kinds) for column, kinds in about.items()]
    return " AND ".join((*parts, of("user_id", "NOT IN", known)))


def upgrade() -> None:
    asked_at = sa.Column("news_asked_at", sa.DateTime(timezone=True), nullable=True)
    op.add_column("application", asked_at)
    for name, kind in OF_NOTICES.items():
        op.add_column("notice", sa.Column(name, kind, nullable=True))
    # Who was erased before keeps the record as long as others do, from the day of the erasure.
    op.execute("UPDATE candidate SET quiet_since = blanked_on WHERE name = 'Erased person'")
    is_set = sa.text("application_id IS NOT NULL")
    with op.batch_alter_table("email") as batch_op:
        batch_op.drop_constraint(op.f("ck_email_about"), type_="check")
        batch_op.add_column(sa.Column("application_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_email_application_id_application"), "application", ["application_id"], ["id"]
        )
        batch_op.create_check_constraint(op.f("ck_email_about"), about_one(AFTER))
        batch_op.create_index(
            "ix_email_application_id",
            ["application_id"],
            unique=False,
            sqlite_where=is_set,
            postgresql_where=is_set,
        )


def downgrade() -> None:
    op.execute("DELETE FROM email WHERE application_id IS NOT NULL")
    with op.batch_alter_table("email") as batch_op:
        batch_op.drop_index("ix_email_application_id")
        batch_op.drop_constraint(op.f("ck_email_about"), type_="check")
        batch_op.drop_constraint(op.f("fk_email_application_id_application"), type_="foreignkey")
        batch_op.drop_column("application_id")
        batch_op.create_check_constraint(op.f("ck_email_about"), about_one(BEFORE))
    op.execute("UPDATE candidate SET quiet_since = NULL WHERE name = 'Erased person'")
    for name in OF_NOTICES:
        op.drop_column("notice", name)
    op.drop_column("application", "news_asked_at")
