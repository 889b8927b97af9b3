"""team: who was invited to work for an employer, and mail about it"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

# By column: the kinds of mail that are about rows of its table. The rest are about a user.
BEFORE = {
    "notice_id": ("notice",),
    "invitation_id": ("invite", "reminder", "fresh_link"),
    "data_request_id": ("data_request",),
}
AFTER = BEFORE | {"team_invitation_id": ("team_invitation",)}


def about_one(about) -> str:
    def of(column, is_one_of, kinds):
        listed = ", ".join(f"'{kind}'" for kind in kinds)
        return f"(({column} IS NOT NULL) = (kind {is_one_of} ({listed})))"

    known = [kind for kinds in about.values() for kind in kinds]
    parts = [of(column, "IN", kinds) for column, kinds in about.items()]
    return " AND ".join((*parts, of("user_id", "NOT IN", known)))


def upgrade() -> None:
    role = sa.Enum(
        "owner", "recruiter", "viewer", name="role", native_enum=False, create_constraint=True, length=32
    )
    op.create_table(
        "team_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("employer_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("role", role, nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_team_invitation_employer_id_employer")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["user.id"], name=op.f("fk_team_invitation_invited_by_id_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team_invitation")),
    )
    is_pending = sa.text("accepted_at IS NULL AND revoked_at IS NULL")
    op.create_index(
        "uq_team_invitation_pending",
        "team_invitation",
        ["employer_id", "address"],
        unique=True,
        sqlite_where=is_pending,
        postgresql_where=is_pending,
    )
    is_held = sa.text("address IS NOT NULL")
    op.create_index(
        "ix_team_invitation_ends_at",
        "team_invitation",
        ["ends_at"],
        unique=False,
        sqlite_where=is_held,
        postgresql_where=is_held,
    )
    is_set = sa.text("team_invitation_id IS NOT NULL")
    with op.batch_alter_table("email") as batch_op:
        batch_op.drop_constraint(op.f("ck_email_about"), type_="check")
        batch_op.add_column(sa.Column("team_invitation_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_email_team_invitation_id_team_invitation"),
            "team_invitation",
            ["team_invitation_id"],
            ["id"],
        )
        batch_op.create_check_constraint(op.f("ck_email_about"), about_one(AFTER))
        batch_op.create_index(
            "ix_email_team_invitation_id",
            ["team_invitation_id"],
            unique=False,
            sqlite_where=is_set,
            postgresql_where=is_set,
        )


def downgrade() -> None:
    op.execute("DELETE FROM email WHERE team_invitation_id IS NOT NULL")
    with op.batch_alter_table("email") as batch_op:
        batch_op.drop_index("ix_email_team_invitation_id")
        batch_op.drop_constraint(op.f("ck_email_about"), type_="check")
        batch_op.drop_constraint(
            op.f("fk_email_team_invitation_id_team_invitation"), type_="foreignkey"
        )
        batch_op.drop_column("team_invitation_id")
        batch_op.create_check_constraint(op.f("ck_email_about"), about_one(BEFORE))
    op.drop_index("ix_team_invitation_ends_at", table_name="team_invitation")
    op.drop_index("uq_team_invitation_pending", table_name="team_invitation")
    op.drop_table("team_invitation")
