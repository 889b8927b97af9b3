"""A release can be asked for, has its turn, and keeps to floors that never fall."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "floor",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("min_answers", sa.Integer(), nullable=False),
        sa.Column("min_comments", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_floor_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_floor")),
    )
    with op.batch_alter_table("employer") as table:
        table.add_column(sa.Column("release_asked_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("release_turn_on", sa.Date(), nullable=True))
    op.execute(
        "UPDATE employer SET release_turn_on = "
        "(SELECT max(released_on) FROM batch WHERE batch.employer_id = employer.id)"
    )


def downgrade() -> None:
    with op.batch_alter_table("employer") as table:
        table.drop_column("release_turn_on")
        table.drop_column("release_asked_at")
    op.drop_table("floor")
