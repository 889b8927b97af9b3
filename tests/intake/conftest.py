"""What tests of imports share: the command, on a real database."""

import json

import pytest
from flask import Flask

KEYS = {
    "rows",
    "new",
    "changed",
    "same",
    "errors",
    "notices",
    "invitations_planned",
    "told",
    "decided",
    "open",
    "dry_run",
    "applied",
}


@pytest.fixture
def run(app: Flask, make, tmp_path):
    """run(data, *options) -> the result of `flask import` on a file of DATA for acme."""
    make.employer(timezone="America/Toronto")

    def run(data: bytes | str, *options: str, code: int = 0):
        path = data
        if isinstance(data, bytes):
            path = tmp_path / "candidates.csv"
            path.write_bytes(data)
        command = ["import", str(path), "--employer", "acme", *options]
        result = app.test_cli_runner().invoke(args=command)
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return run


@pytest.fixture
def counts(run):
    """counts(data, *options) -> the object that --json prints."""

    def counts(data: bytes, *options: str, code: int = 0) -> dict:
        found = json.loads(run(data, "--json", *options, code=code).stdout)
        assert found.keys() == KEYS
        return found

    return counts
