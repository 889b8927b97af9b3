"""untold: the first page counts who waits each time it is opened"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

NAME = "ix_application_untold"


def upgrade() -> None:
    untold = sa.text("told_on IS NULL")
    op.create_index(
        NAME,
        "application",
        ["employer_id", "outcome", "decided_on"],
        sqlite_where=untold,
        postgresql_where=untold,
    )


def downgrade() -> None:
    op.drop_index(NAME, "application")
