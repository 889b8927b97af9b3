"""text scores: calibrations, the current edition, and the label that stands in feedback rows"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'


def upgrade() -> None:
    op.create_table('calibration',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.String(length=80), nullable=False),
    sa.Column('week', sa.Date(), nullable=False),
    sa.Column('slope', sa.Double(), nullable=False),
    sa.Column('intercept', sa.Double(), nullable=False),
    sa.Column('pivot', sa.Double(), nullable=False),
    sa.Column('answers', sa.Integer(), nullable=False),
    sa.Column('log_loss_before', sa.Double(), nullable=False),
    sa.Column('log_loss_after', sa.Double(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calibration'))
    )
    op.create_table('current_edition',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version', sa.String(length=80), nullable=False),
    sa.Column('calibration', sa.String(length=40), nullable=False),
    sa.CheckConstraint('id = 1', name=op.f('ck_current_edition_one_row')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_current_edition'))
    )
    # Not in batch mode: SQLite would drop the old table, and with it, by the cascade, every score.
    op.execute(
        "ALTER TABLE response ADD COLUMN sentiment VARCHAR(32) CONSTRAINT ck_response_sentiment "
        "CHECK (sentiment IN ('pos', 'neg', 'unclear', 'not_scored'))"
    )
    _keep_what_was_shown()


def _keep_what_was_shown() -> None:
    """Files and pages go on with what has read most so far; a new version waits to be activated."""
    op.execute(
        "INSERT INTO current_edition (id, version, calibration) "
        "SELECT 1, version, calibration FROM score GROUP BY version, calibration "
        "ORDER BY count(*) DESC, version DESC, calibration DESC LIMIT 1"
    )
    op.execute(
        "UPDATE response SET sentiment = ("
        "SELECT CASE WHEN score.status = 'scored' THEN score.label ELSE score.status END "
        "FROM score JOIN current_edition ON score.version = current_edition.version "
        "AND score.calibration = current_edition.calibration "
        "WHERE score.response_id = response.id) WHERE is_released"
    )


def downgrade() -> None:
    # Not by a plain DROP COLUMN: SQLite refuses it once a later migration has copied the table.
    with op.batch_alter_table('response') as batch_op:
        batch_op.drop_constraint(op.f('ck_response_sentiment'), type_='check')
        batch_op.drop_column('sentiment')
    op.drop_table('current_edition')
    op.drop_table('calibration')
