"""Makes real worker processes quickly: it has imported everything, and forks when it is told to.

Each line on standard input, "URL PORT", starts one worker, whose process id is printed. A worker
sends until nothing is due, then ends.
"""

import os
import signal
import sys

from portal import outbox
from tests.conftest import make_app
from tests.mail.conftest import go


def work(url: str, port: str) -> None:
    app = make_app(
        url,
        MAIL_SERVER="127.0.0.1",
        MAIL_PORT=int(port),
        MAIL_CONNECTIONS=1,
        SURVEYS_PER_HOUR=1_000_000,
    )
    with app.app_context():
        outbox.deliver_due(go)


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead leave no zombies
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                work(*line.split())
            finally:
                os._exit(0)
        print(pid, flush=True)


if __name__ == "__main__":
    main()
