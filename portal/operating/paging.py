"""Pages of 50 rows."""

from typing import Any, Final

import sqlalchemy as sa

from portal.extensions import db

PAGE_SIZE: Final = 50


def count(table: Any, *where: sa.ColumnElement[bool]) -> int:
    """How many rows of TABLE there are for which WHERE holds."""
    wanted = sa.select(sa.func.count()).select_from(table).where(*where)
    return db.session.scalar(wanted) or 0


def pages(total: int) -> int:
    """Of how many pages a list of TOTAL is; at least one."""
    return max(1, -(-total // PAGE_SIZE))
