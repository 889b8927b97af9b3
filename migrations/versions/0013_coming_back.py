"""coming back: a second factor, recovery codes, a new address to confirm, browsers in words"""

import sqlalchemy as sa
from alembic import op


revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    with op.batch_alter_table("user") as batch_op:
        batch_op.add_column(sa.Column("new_email", sa.String(254), nullable=True))
        batch_op.add_column(sa.Column("totp_sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("totp_counter", sa.Integer(), nullable=True))
    with op.batch_alter_table("sign_in") as batch_op:
        batch_op.add_column(sa.Column("browser", sa.String(20), nullable=True))
        batch_op.add_column(sa.Column("system", sa.String(20), nullable=True))
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_recovery_code_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_recovery_code_code_hash")),
    )
    op.create_index(op.f("ix_recovery_code_user_id"), "recovery_code", ["user_id"])
    op.create_table(
        "password_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(254), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_request")),
    )


def downgrade() -> None:
    op.drop_table("password_request")
    op.drop_index(op.f("ix_recovery_code_user_id"), table_name="recovery_code")
    op.drop_table("recovery_code")
    for table, columns in (
        ("sign_in", ("system", "browser")),
        ("user", ("totp_counter", "totp_sealed", "new_email")),
    ):
        with op.batch_alter_table(table) as batch_op:
            for column in columns:
                batch_op.drop_column(column)
