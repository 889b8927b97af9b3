"""A release can be asked for: the worker does it, which alone reads comments."""

import sqlalchemy as sa
from alembic import op

from portal.models.base import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("employer") as table:
        table.add_column(sa.Column("release_asked_at", UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("employer") as table:
        table.drop_column("release_asked_at")
