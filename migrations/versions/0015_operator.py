"""operator: one employer's mail can be paused; the audit trail is read by time, person and action"""

import sqlalchemy as sa
from alembic import op

import portal.models.base

revision = "0015"
down_revision = "0014"
INDEXES = {
    "ix_audit_event_at": ["at"],
    "ix_audit_event_user_id_audit_event_at": ["user_id", "at"],
    "ix_audit_event_action_audit_event_at": ["action", "at"],
}


def upgrade() -> None:
    with op.batch_alter_table("employer") as batch_op:
        moment = portal.models.base.UtcDateTime(timezone=True)
        batch_op.add_column(sa.Column("mail_paused_at", moment, nullable=True))
        batch_op.add_column(sa.Column("mail_pause_reason", sa.String(200), nullable=True))
    for name, columns in INDEXES.items():
        op.create_index(op.f(name), "audit_event", columns)


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(op.f(name), "audit_event")
    with op.batch_alter_table("employer") as batch_op:
        batch_op.drop_column("mail_pause_reason")
        batch_op.drop_column("mail_paused_at")
