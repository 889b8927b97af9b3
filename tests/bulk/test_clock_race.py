"""The clock is set anew while somebody adds and decides: nothing is owed by the old one."""

import threading

import pytest

from portal import employers, hiring, intake
from portal.applicants import NewApplication
from portal.extensions import db
from portal.models import Employer, Outcome, utcnow

pytestmark = pytest.mark.both


def change_elsewhere(app, employer_id: int) -> None:
    """Somebody else sets the clock of the employer, and that is committed."""

    def change() -> None:
        with app.app_context():
            employer = db.session.get_one(Employer, employer_id)
            employers.change_settings(employer, {"inform_within_business_days": "1"})
            db.session.commit()

    thread = threading.Thread(target=change)
    thread.start()
    thread.join()


@pytest.mark.parametrize("what", ["decided", "added"])
def test_what_is_recorded_after_a_change_is_owed_by_the_new_clock(app, make, what):
    if db.engine.dialect.name == "sqlite":
        pytest.skip("one writer at a time: nobody sets anything meanwhile")
    acme = make.employer()
    found = make.application(acme)
    assert found.employer.inform_within_business_days == 5  # a page was begun by the old clock
    change_elsewhere(app, acme.id)
    if what == "added":
        found = intake.add_one(acme, NewApplication(name="N", email="n@x.test", role="Cook"))
    else:
        hiring.record_decision(found, Outcome.REJECTED, utcnow(), utcnow())
    assert found.employer.inform_within_business_days == 1
