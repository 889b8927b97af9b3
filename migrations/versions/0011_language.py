"""language: in which somebody who signs in reads their pages and mails"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    locale = sa.Enum("en", "fr", name="locale", native_enum=False, create_constraint=True, length=32)
    with op.batch_alter_table("user") as batch_op:
        batch_op.add_column(sa.Column("locale", locale, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("user") as batch_op:
        batch_op.drop_constraint(op.f("ck_user_locale"), type_="check")
        batch_op.drop_column("locale")
