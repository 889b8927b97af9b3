"""The application that `flask` and gunicorn find without options; `python wsgi.py` serves it."""

import gc
import os
import sys
from typing import NoReturn

gc.disable()  # nothing made while loading is garbage, and to look for it takes a tenth of the start

import sqlalchemy as sa
from flask import Flask

from portal import create_app, reputation, schema
from portal.config import ConfigError, settings
from portal.extensions import db, reading
from portal.web.limits import warn_if_apart

IS_COMMAND = os.environ.get("FLASK_RUN_FROM_CLI") == "true"
# gunicorn gives up on 3; a worker that ends with 1 it would start anew for ever.
CANNOT_START = 1 if IS_COMMAND else 3


def start() -> Flask:
    """The application; ends the process with one clear line where it cannot run."""
    try:
        made = create_app()
        # The command line must start on an old schema, to mend it; whoever serves must not.
        if not IS_COMMAND:
            with made.app_context():
                if settings().is_production:
                    schema.require_current()
                with reading():
                    if schema.is_current():
                        reputation.check_key()
                db.session.rollback()
    except (ConfigError, schema.SchemaOutdated) as error:
        refuse(str(error))
    except sa.exc.OperationalError as error:
        refuse(f"The database cannot be used: {str(error.orig).strip().splitlines()[0]}")
    return made


def refuse(line: str) -> NoReturn:
    sys.stderr.write(f"Error: {line}\n")
    raise SystemExit(CANNOT_START) from None


app = start()
only_one = None if IS_COMMAND else warn_if_apart(app.config["HEARDBACK"])
gc.freeze()
gc.enable()

if __name__ == "__main__":
    from portal.serving import serve

    serve(app, sys.argv[1], int(sys.argv[2]), app.config["MAX_CONTENT_LENGTH"])
