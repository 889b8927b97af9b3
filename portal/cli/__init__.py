"""The commands an operator runs; README lists them."""

from flask import Flask

from portal.cli import demonstrating
from portal.cli.accounts import employer_group, user_group
from portal.cli.analysing import analyse_command
from portal.cli.backing import backup
from portal.cli.exporting import export_command
from portal.cli.importing import import_command
from portal.cli.person import person_group
from portal.cli.releasing import answers_group, release, scores_group
from portal.cli.running import serve, status, worker
from portal.cli.sentiment import sentiment_group


def init_app(app: Flask) -> None:
    """Bind every command to APP."""
    groups = (
        *(employer_group, user_group, person_group, scores_group, answers_group),
        sentiment_group,
    )
    for group in groups:
        app.cli.add_command(group)
    for command in (demonstrating.run, demonstrating.seed, release, serve, status, worker):
        app.cli.add_command(command)
    for file_command in (import_command, export_command, analyse_command, backup):
        app.cli.add_command(file_command)
