"""owed: what is owed to whom, under which duty, stands on the application; runs of other kinds"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

RESULTS = ("new", "changed", "same", "left", "failed")
DUTIES = ("own", "ten_days", "ontario", "promise")



def upgrade() -> None:
    op.drop_index("ix_application_untold", "application")
    with op.batch_alter_table("employer") as batch_op:
        batch_op.add_column(sa.Column("owe_anew_after", sa.Integer(), nullable=True))
    duty = sa.Enum(
        *DUTIES, name="owed_under", native_enum=False, create_constraint=True, length=32
    )
    with op.batch_alter_table("application") as batch_op:
        batch_op.add_column(sa.Column("delayed_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("delayed_until", sa.Date(), nullable=True))
        waits = sa.Column("is_waiting", sa.Boolean(), nullable=False, server_default=sa.false())
        batch_op.add_column(waits)
        batch_op.add_column(sa.Column("owed_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("owed_under", duty, nullable=True))
        leaves_at = sa.Column("news_leaves_at", sa.DateTime(timezone=True), nullable=True)
        batch_op.add_column(leaves_at)
        batch_op.create_check_constraint(
            "owed_to_who_waits", "owed_on IS NULL OR is_waiting = true"
        )
        batch_op.create_check_constraint(
            "owed_under_a_duty", "(owed_on IS NULL) = (owed_under IS NULL)"
        )
        batch_op.create_check_constraint(
            "delayed_until_a_day", "(delayed_on IS NULL) = (delayed_until IS NULL)"
        )
    with op.batch_alter_table("application") as batch_op:
        batch_op.alter_column("is_waiting", server_default=None)
    fill()
    waiting = sa.text("is_waiting = 1" if is_sqlite() else "is_waiting")
    op.create_index(
        "ix_application_waiting",
        "application",
        ["employer_id", "owed_on", "outcome", "news_leaves_at", "decided_on", "is_waiting"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    op.create_index(
        op.f("ix_application_employer_id_application_told_on"),
        "application",
        ["employer_id", "told_on"],
    )
    set_check("run", "kind", "import", "action")
    with op.batch_alter_table("notice") as batch_op:
        batch_op.add_column(sa.Column("run_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f("fk_notice_run_id_run"), "run", ["run_id"], ["id"])
    set_check("run_line", "result", *RESULTS, "waiting", "done")


def set_check(table: str, column: str, *values: str) -> None:
    """Let COLUMN of TABLE hold VALUES only."""
    listed = ", ".join(f"'{value}'" for value in values)
    name = op.f(f"ck_{table}_{column}")
    with op.batch_alter_table(table) as batch_op:
        batch_op.drop_constraint(name, type_="check")
        batch_op.create_check_constraint(name, f"{column} IN ({listed})")


def is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def fill() -> None:
    """Whoever waits, what is owed to them, and what is on its way, as the rows say today."""
    connection = op.get_bind()
    tables = sa.MetaData()
    names = ["application", "candidate", "employer", "notice", "email"]
    tables.reflect(connection, only=names)
    application, candidate, employer, notice, email = (tables.tables[name] for name in names)
    connection.execute(
        sa.update(application)
        .where(
            application.c.told_on.is_(None),
            sa.func.coalesce(application.c.outcome, "") != "withdrawn",
            application.c.candidate_id.in_(
                sa.select(candidate.c.id).where(candidate.c.blanked_on.is_(None))
            ),
        )
        .values(is_waiting=True)
    )
    leaving = (
        sa.select(sa.func.min(email.c.next_attempt_at))
        .join(notice, email.c.notice_id == notice.c.id)
        .where(
            notice.c.application_id == application.c.id, email.c.state.in_(("queued", "sending"))
        )
    )
    on_its_way = sa.select(notice.c.application_id).join(email, email.c.notice_id == notice.c.id)
    connection.execute(
        sa.update(application)
        .where(
            application.c.id.in_(on_its_way.where(email.c.state.in_(("queued", "sending")))),
            application.c.is_waiting,
        )
        .values(news_leaves_at=leaving.scalar_subquery())
    )
    delays = find_delays(connection, notice, employer)
    for row in connection.execute(sa.select(employer)).mappings().all():
        for facts in owed(connection, application, row, delays):
            connection.execute(
                sa.update(application)
                .where(application.c.id == facts.pop("id"))
                .values(facts)
            )


def find_delays(connection, notice, employer) -> dict[int, tuple[date, date]]:
    """By application: the day of the last "not decided yet" that was sent, and its date."""
    rows = connection.execute(
        sa.select(
            notice.c.application_id, notice.c.told_at, notice.c.next_on, employer.c.timezone
        )
        .join(employer, employer.c.id == notice.c.employer_id)
        .where(notice.c.kind == "delay", notice.c.told_at.is_not(None))
        .order_by(notice.c.told_at, notice.c.id)
    )
    return {row[0]: (local_day(row[1], row[3]), row[2]) for row in rows}


def local_day(moment: datetime, zone: str) -> date:
    utc = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo("UTC"))
    return utc.astimezone(ZoneInfo(zone)).date()


def owed(connection, application, employer, delays) -> Iterator[dict]:
    """What changes of the applications of EMPLOYER, which is a row."""
    rows = connection.execute(
        sa.select(application).where(
            application.c.employer_id == employer["id"], application.c.is_waiting
        )
    )
    for row in rows.mappings().all():
        delayed_on, delayed_until = delays.get(row["id"], (None, None))
        days = [by_clock(employer, row, delayed_on)]
        promised = delayed_until or row["promised_on"]
        days.append((promised, "promise") if promised else None)
        on, under = min((day for day in days if day), default=(None, None), key=lambda day: day[0])
        yield {
            "id": row["id"],
            "delayed_on": delayed_on,
            "delayed_until": delayed_until,
            "owed_on": on,
            "owed_under": under,
        }


def by_clock(employer, row, delayed_on) -> tuple[date, str] | None:
    preset = employer["clock_preset"]
    if preset == "ontario":
        interviewed = row["last_interview_on"]
        if interviewed is None or (delayed_on and delayed_on >= interviewed):
            return None
        return interviewed + timedelta(days=45), preset
    if row["decided_on"] is None:
        return None
    left = employer["inform_within_business_days"] if preset == "own" else 10
    day = row["decided_on"]
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day, preset


def downgrade() -> None:
    with op.batch_alter_table("notice") as batch_op:
        batch_op.drop_constraint(op.f("fk_notice_run_id_run"), type_="foreignkey")
        batch_op.drop_column("run_id")
    actions = "(SELECT id FROM run WHERE kind = 'action')"
    op.execute(f"DELETE FROM run_line WHERE run_id IN {actions}")  # noqa: S608 (a constant)
    op.execute("DELETE FROM run WHERE kind = 'action'")
    set_check("run", "kind", "import")
    set_check("run_line", "result", *RESULTS)
    op.drop_index(op.f("ix_application_employer_id_application_told_on"), "application")
    op.drop_index("ix_application_waiting", "application")
    with op.batch_alter_table("application") as batch_op:
        for name in ("owed_to_who_waits", "owed_under_a_duty", "delayed_until_a_day", "owed_under"):
            batch_op.drop_constraint(op.f(f"ck_application_{name}"), type_="check")
        for name in ("news_leaves_at", "owed_under", "owed_on", "is_waiting", "delayed_until", "delayed_on"):
            batch_op.drop_column(name)
    with op.batch_alter_table("employer") as batch_op:
        batch_op.drop_column("owe_anew_after")
    untold = sa.text("told_on IS NULL")
    op.create_index(
        "ix_application_untold",
        "application",
        ["employer_id", "outcome", "decided_on"],
        sqlite_where=untold,
        postgresql_where=untold,
    )
