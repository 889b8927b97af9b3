"""calls: a candidate's telephone number, and calls that only left a message"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"


def change_checks(kind, dated) -> None:
    """Which KINDS of notices there are, and when one must name a day."""
    with op.batch_alter_table("notice") as batch_op:
        batch_op.drop_constraint(op.f("ck_notice_kind"), type_="check")
        batch_op.drop_constraint(op.f("ck_notice_delay_is_dated"), type_="check")
        batch_op.create_check_constraint(op.f("ck_notice_kind"), kind)
        batch_op.create_check_constraint(op.f("ck_notice_delay_is_dated"), dated)


def upgrade() -> None:
    op.add_column("candidate", sa.Column("phone", sa.String(40), nullable=True))
    change_checks("kind IN ('decision', 'delay', 'attempt')", "kind != 'delay' OR next_on IS NOT NULL")
    with op.batch_alter_table("notice") as batch_op:
        batch_op.create_check_constraint(
            op.f("ck_notice_attempt_tells_nobody"), "kind != 'attempt' OR told_at IS NULL"
        )


def downgrade() -> None:
    op.execute("DELETE FROM notice WHERE kind = 'attempt'")
    with op.batch_alter_table("notice") as batch_op:
        batch_op.drop_constraint(op.f("ck_notice_attempt_tells_nobody"), type_="check")
    change_checks("kind IN ('decision', 'delay')", "kind = 'decision' OR next_on IS NOT NULL")
    with op.batch_alter_table("candidate") as batch_op:
        batch_op.drop_column("phone")
