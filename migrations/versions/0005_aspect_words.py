"""aspect words: by which words a comment is held to speak of an aspect"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'


def upgrade() -> None:
    with op.batch_alter_table('score', schema=None) as batch_op:
        batch_op.add_column(sa.Column('aspect_words', sa.JSON(), nullable=False, server_default='[]'))

    with op.batch_alter_table('score', schema=None) as batch_op:
        batch_op.alter_column('aspect_words', server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('score', schema=None) as batch_op:
        batch_op.drop_column('aspect_words')
