"""What a real installation's processes load: nothing of the demo's, of the tools' or the tests'."""

import os
import re
import subprocess
import sys

import pytest

from portal.config import ROOT
from tests.support.factory import ANOTHER_KEY

FLASK = ("-m", "flask", "--app", "wsgi")
SETTINGS = {
    "SECRET_KEY": ANOTHER_KEY,
    "BASE_URL": "https://heardback.example",
    "MAIL_SERVER": "127.0.0.1",
}
NOT_OURS = ("tests", "portal.demo", "aiosmtpd", "pytest", "hypothesis", "playwright", "sklearn")
WHEN_USED = ("textblob", "nltk", "scipy", "xlsxwriter", "portal.sentiment.evaluation")
LOADED = re.compile(r"^import time:[^|]+\|[^|]+\| *(\S+)$", re.MULTILINE)


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(("-c", "import wsgi"), id="web", marks=pytest.mark.long),
        pytest.param((*FLASK, "worker", "--until-idle"), id="worker"),
        pytest.param((*FLASK, "status"), id="command", marks=pytest.mark.long),
    ],
)
def test_no_process_loads_what_it_does_not_need(command, sqlite_template, tmp_path):
    environment = os.environ | SETTINGS
    environment |= {"DATABASE_URL": f"sqlite:///{sqlite_template}", "INSTANCE_PATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    loaded = set(LOADED.findall(done.stderr))
    assert done.returncode == 0, done.stderr[-1000:]
    assert "portal.jobs" in loaded
    unwanted = re.compile(rf"({'|'.join(NOT_OURS + WHEN_USED)})(\.|$)")
    assert {name for name in loaded if unwanted.match(name)} == set()
