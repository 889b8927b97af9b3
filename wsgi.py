"""The application that `flask` and gunicorn find without options."""

import os

from portal import create_app, schema
from portal.config import settings

app = create_app()

# The command line must start on an old schema, to mend it; whoever serves candidates must not.
if os.environ.get("FLASK_RUN_FROM_CLI") != "true":
    with app.app_context():
        if settings().is_production:
            schema.require_current()
