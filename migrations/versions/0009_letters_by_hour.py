"""letters by hour: how many letters of an employer left within the hour is looked up each time"""

from alembic import op

revision = "0009"
down_revision = "0008"

NAME = "ix_notice_employer_id_notice_created_at"


def upgrade() -> None:
    with op.batch_alter_table("notice") as batch_op:
        batch_op.create_index(NAME, ["employer_id", "created_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("notice") as batch_op:
        batch_op.drop_index(NAME)
