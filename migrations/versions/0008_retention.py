"""retention: when a person's name and address went or are to go, and what people ask for"""

import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = "0007"

KINDS = ('notice', 'invite', 'reminder', 'fresh_link', 'account')


def allow_kinds(values) -> None:
    allowed = ', '.join(f"'{value}'" for value in values)
    with op.batch_alter_table('email', schema=None) as batch_op:
        batch_op.drop_constraint(op.f('ck_email_kind'), type_='check')
        batch_op.create_check_constraint(op.f('ck_email_kind'), f'kind IN ({allowed})')


def upgrade() -> None:
    op.create_table('data_request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('employer_id', sa.Integer(), nullable=False),
    sa.Column('candidate_id', sa.Integer(), nullable=False),
    sa.Column('wish', sa.Enum('see', 'erase', name='wish', native_enum=False, create_constraint=True, length=32), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['candidate_id'], ['candidate.id'], name=op.f('fk_data_request_candidate_id_candidate')),
    sa.ForeignKeyConstraint(['employer_id'], ['employer.id'], name=op.f('fk_data_request_employer_id_employer')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_data_request'))
    )
    with op.batch_alter_table('data_request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_data_request_employer_id_data_request_candidate_id'), ['employer_id', 'candidate_id'], unique=False)

    with op.batch_alter_table('candidate', schema=None) as batch_op:
        batch_op.add_column(sa.Column('erase_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('blanked_on', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('quiet_since', sa.Date(), nullable=True))
        batch_op.add_column(sa.Column('former_key', sa.String(length=32), nullable=True))
        batch_op.create_index(batch_op.f('ix_candidate_erase_on'), ['erase_on'], unique=False)
        batch_op.create_index(batch_op.f('ix_candidate_quiet_since'), ['quiet_since'], unique=False)
        batch_op.create_index(batch_op.f('ix_candidate_employer_id_candidate_former_key'), ['employer_id', 'former_key'], unique=False)
        batch_op.create_index('ix_candidate_named', ['blanked_on', 'id'], unique=False)

    allow_kinds((*KINDS, 'data_request'))
    # whoever was erased before: on the day that the log says
    op.execute(
        'UPDATE candidate SET blanked_on = COALESCE((SELECT MAX(date(audit_event.at)) FROM audit_event'
        " WHERE audit_event.action = 'person.erased' AND audit_event.about_id = candidate.id), CURRENT_DATE)"
        " WHERE name = 'Erased person'"
    )


def downgrade() -> None:
    op.execute("DELETE FROM email WHERE kind = 'data_request'")
    allow_kinds(KINDS)
    with op.batch_alter_table('candidate', schema=None) as batch_op:
        batch_op.drop_index('ix_candidate_named')
        batch_op.drop_index(batch_op.f('ix_candidate_employer_id_candidate_former_key'))
        batch_op.drop_index(batch_op.f('ix_candidate_quiet_since'))
        batch_op.drop_index(batch_op.f('ix_candidate_erase_on'))
        batch_op.drop_column('former_key')
        batch_op.drop_column('quiet_since')
        batch_op.drop_column('blanked_on')
        batch_op.drop_column('erase_on')

    op.drop_table('data_request')
