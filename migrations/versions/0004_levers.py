"""levers: moments by month, invited by week, parts of batches, the platform's fit"""

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'


def upgrade() -> None:
    op.create_table('platform_fit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('done_up_to', sa.Integer(), nullable=False),
    sa.Column('fitted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('employers', sa.Integer(), nullable=False),
    sa.Column('answers', sa.Integer(), nullable=False),
    sa.Column('prior', sa.JSON(), nullable=False),
    sa.Column('model', sa.JSON(), nullable=False),
    sa.Column('levers', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_platform_fit')),
    sa.UniqueConstraint('day', name=op.f('uq_platform_fit_day'))
    )
    op.create_table('rollup_month',
    sa.Column('employer_id', sa.Integer(), nullable=False),
    sa.Column('month', sa.Date(), nullable=False),
    sa.Column('answered', sa.LargeBinary(), nullable=False),
    sa.Column('population', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['employer_id'], ['employer.id'], name=op.f('fk_rollup_month_employer_id_employer')),
    sa.PrimaryKeyConstraint('employer_id', 'month', name=op.f('pk_rollup_month'))
    )
    with op.batch_alter_table('batch', schema=None) as batch_op:
        batch_op.add_column(sa.Column('groups', sa.JSON(), nullable=True))

    with op.batch_alter_table('rollup_week', schema=None) as batch_op:
        batch_op.add_column(sa.Column('invited', sa.Integer(), nullable=False, server_default='0'))

    with op.batch_alter_table('response', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_response_batch_id_response_words_response_id'), ['batch_id', 'words', 'id'], unique=False)

    # what came back after a withdrawal is in no file, as it was before
    op.execute('UPDATE batch SET pool = 0 WHERE fresh < answers')
    with op.batch_alter_table('rollup_week', schema=None) as batch_op:
        batch_op.alter_column('invited', server_default=None)


def downgrade() -> None:
    op.execute('UPDATE batch SET pool = NULL WHERE pool = 0')
    with op.batch_alter_table('response', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_response_batch_id_response_words_response_id'))

    with op.batch_alter_table('rollup_week', schema=None) as batch_op:
        batch_op.drop_column('invited')

    with op.batch_alter_table('batch', schema=None) as batch_op:
        batch_op.drop_column('groups')

    op.drop_table('rollup_month')
    op.drop_table('platform_fit')
