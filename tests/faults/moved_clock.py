"""`python -m tests.faults.moved_clock MOMENT web HOST PORT` or `MOMENT worker`: a real process
whose clock says MOMENT at the start and goes on from there."""

import runpy
import sys
from datetime import datetime

import time_machine


def main(moment: str, what: str, *arguments: str) -> None:
    time_machine.travel(datetime.fromisoformat(moment), tick=True).start()
    if what == "web":
        sys.argv = ["wsgi.py", *arguments]
        runpy.run_path("wsgi.py", run_name="__main__")
    else:
        sys.argv = ["flask", "--app", "wsgi", "worker", "--until-idle"]
        runpy.run_module("flask", run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
