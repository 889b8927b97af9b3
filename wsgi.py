"""The application that `flask` and gunicorn find without options."""

from portal import create_app

app = create_app()
