"""letters: employers' own letters; a decision's reason by code, and what the person could do next"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

REASONS = (
    *("skills", "experience", "needs", "filled", "changed", "terms", "availability"),
    *("unfinished", "other"),
)


def choice(name, *values):
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def key(column, other, nullable):
    name = op.f(f"fk_employer_letter_{column}_{other}")
    return (
        sa.Column(column, sa.Integer(), nullable=nullable),
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name),
    )


def upgrade() -> None:
    op.create_table(
        "employer_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        *key("employer_id", "employer", nullable=False),
        sa.Column("letter", choice("letter", "rejected", "hired", "offer", "delay"), nullable=False),
        sa.Column("locale", choice("locale", "en", "fr"), nullable=False),
        sa.Column("subject", sa.String(200), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        *key("written_by_id", "user", nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(subject IS NULL) = (body IS NULL)", name=op.f("ck_employer_letter_whole")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer_letter")),
    )
    op.create_index(
        "ix_employer_letter_newest",
        "employer_letter",
        ["employer_id", "letter", "locale", "id"],
    )
    with op.batch_alter_table("decision") as batch_op:
        batch_op.add_column(
            sa.Column("reason_code", choice("reason_code", *REASONS), nullable=True)
        )
        batch_op.add_column(
            sa.Column("next_step", sa.String(300), nullable=False, server_default="")
        )
    with op.batch_alter_table("decision") as batch_op:
        batch_op.alter_column("next_step", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("decision") as batch_op:
        batch_op.drop_constraint(op.f("ck_decision_reason_code"), type_="check")
        batch_op.drop_column("next_step")
        batch_op.drop_column("reason_code")
    op.drop_table("employer_letter")
