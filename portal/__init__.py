"""Heardback: makes sure that a candidate hears back, and shows how well that is done."""

import logging

from flask import Flask

from portal import cli, web
from portal.config import ROOT, Config
from portal.extensions import csrf, db, limiter, mail, migrate


def create_app(config: Config | None = None) -> Flask:
    """The application, bound to CONFIG (default: the environment's)."""
    settings = config or Config.from_env()
    # Flask-Limiter would log the address of whom it turns away; we keep no addresses
    logging.getLogger("flask-limiter").setLevel(logging.ERROR)
    logging.getLogger("portal").setLevel(settings.LOG_LEVEL)
    app = Flask(__name__, template_folder=str(ROOT / "templates"))
    app.config.update(settings.flask_settings())
    db.init_app(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    mail.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    web.init_app(app, settings)
    cli.init_app(app)
    return app
