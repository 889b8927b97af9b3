"""The real application for real browsers, for all tests of pages."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from portal.extensions import db
from tests.support.postgres import free_port
from tests.web.candidates import Visitor


class Quiet(WSGIRequestHandler):
    """The development server logs every path, and some paths are secrets."""

    def log_request(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def _kept(tmp_path_factory) -> tuple[Path, dict[str, Any]]:
    return tmp_path_factory.mktemp("kept"), {}


@pytest.fixture
def once(make, database_url, _kept):
    """once(build): what BUILD returns, ids or names, and a database as it leaves it. It builds for
    the first test of a file; the others get a copy of its database."""
    folder, made = _kept
    path = Path(database_url.removeprefix("sqlite:///"))

    def prepare(build: Callable[[], Any]) -> Any:
        name = build.__qualname__
        source, target = folder / name, path
        if name not in made:
            made[name] = build(), make
            source, target = path, folder / name
        db.session.commit()
        db.engine.dispose()  # with the last connection the log goes into the file
        assert not path.with_name(f"{path.name}-wal").exists()
        shutil.copy(source, target)
        db.session.expire_all()
        found, like = made[name]
        vars(make).update(vars(like))
        return found

    return prepare


@pytest.fixture
def cam(app) -> Visitor:
    """A candidate's browser: no cookie, no script."""
    return Visitor(app)


@pytest.fixture
def site(app) -> Iterator[str]:
    """The address at which APP really runs."""
    port = free_port()
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.shutdown()
    thread.join()
    server.server_close()
