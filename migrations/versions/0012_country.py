"""country: where an employer is; and invitations that a changed setting lets be planned anew"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    with op.batch_alter_table("employer") as batch_op:
        batch_op.add_column(sa.Column("country", sa.String(2), nullable=True))
        batch_op.add_column(sa.Column("region", sa.String(6), nullable=True))
        batch_op.add_column(sa.Column("plan_anew_after", sa.Integer(), nullable=True))
        batch_op.create_check_constraint("region_of_country", "substr(region, 1, 3) = country || '-'")
        batch_op.create_check_constraint(
            "region_in_country", "region IS NULL OR country IS NOT NULL"
        )


def downgrade() -> None:
    with op.batch_alter_table("employer") as batch_op:
        batch_op.drop_constraint(op.f("ck_employer_region_in_country"), type_="check")
        batch_op.drop_constraint(op.f("ck_employer_region_of_country"), type_="check")
        batch_op.drop_column("plan_anew_after")
        batch_op.drop_column("region")
        batch_op.drop_column("country")
