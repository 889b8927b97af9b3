"""What the worker does and when. `work`: what each job does; `carrying`: long runs;
`leases`: which worker runs a job; `loops`: the schedules, and the worker that follows them.
"""

from portal.jobs.acting import FEW, carry_few
from portal.jobs.carrying import tidy_runs, work_runs
from portal.jobs.checking import check_files
from portal.jobs.chunks import Chunks
from portal.jobs.leases import Job, Worker, add_rows
from portal.jobs.loops import (
    JOBS,
    End,
    hold_after_restore,
    run_due,
    run_forever,
    run_until_idle,
    start,
)
from portal.jobs.work import (
    ask_release,
    deliver,
    erase,
    forget,
    habits,
    invite,
    load_analyzer,
    mail_links,
    platform,
    release,
    release_now,
    rescore,
    retire,
    settle,
    sweep,
)
