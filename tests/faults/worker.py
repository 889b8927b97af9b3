"""A real worker process whose leases are as short as its argument says, in seconds."""

import signal
import sys
import threading
from datetime import timedelta

from portal import jobs
from wsgi import app


def main(lease: str) -> None:
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    with app.app_context():
        jobs.start()
        jobs.run_forever(stopping, timedelta(seconds=float(lease)))


if __name__ == "__main__":
    main(sys.argv[1])
