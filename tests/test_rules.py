"""The rules of the house, held by machines: layers, style, commits at the edges, settings named."""

import re
import subprocess
import sys
import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from portal.config import ROOT, Config
from portal.mail_kinds import KINDS

PORTAL = sorted((ROOT / "portal").rglob("*.py"))
MAY_COMMIT = (
    "portal/web/",
    "portal/cli/",
    "portal/jobs/",
    "portal/outbox/",
)
TEXTS = sorted(path.name for path in ROOT.glob("*.md"))
# Not the operator's to set: what extensions read, what tests and the demo switch.
NOT_IN_README = {
    "SQLALCHEMY_DATABASE_URI",
    "DEBUG",
    "DEMO",
    "TESTING",
    "MAX_CONTENT_LENGTH",
    "MAX_FORM_MEMORY_SIZE",
    "MAX_FORM_PARTS",
}


def tool(*command: str) -> None:
    """Run one of the pinned tools; its output is the failure's message."""
    program = Path(sys.executable).with_name(command[0])
    done = subprocess.run(
        [program, *command[1:]], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-3000:]


@pytest.mark.parametrize(
    "command",
    [
        ("ruff", "check", "."),
        ("ruff", "format", "--check", "."),
        ("mypy",),
        ("lint-imports", "--no-logo"),
        ("djlint", "--lint", "--quiet", "templates"),
        ("codespell", "portal", "tests", "templates", "migrations", "docs", *TEXTS),
    ],
    ids=lambda command: "-".join(command[:2]),
)
def test_the_tools_find_nothing(command):
    tool(*command)


def test_only_the_edges_commit():
    guilty = [
        str(path.relative_to(ROOT))
        for path in PORTAL
        if ".commit()" in path.read_text(encoding="utf-8")
        and not str(path.relative_to(ROOT)).startswith(MAY_COMMIT)
    ]
    assert guilty == []


def test_web_files_hold_no_sql():
    pattern = re.compile(
        r"\bsa\.(select|update|delete|insert|text)\(|db\.session\.(execute|scalar)"
    )
    guilty = [
        str(path.relative_to(ROOT))
        for path in PORTAL
        if "portal/web/" in str(path) and pattern.search(path.read_text(encoding="utf-8"))
    ]
    assert guilty == []


def test_every_setting_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = {field.name for field in fields(Config)} - NOT_IN_README
    assert {name for name in missing if f"`{name}`" not in readme} == set()
    assert "`DATABASE_URL`" in readme


def test_the_readme_calls_things_as_the_pages_do():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    labels = set(re.findall(r"(?<![*\w])\*([^*\n|]+)\*(?!\*)", readme))
    assert {"Release now", "Resume sending", "Send again", "Closure desk"} <= labels
    pages = [*(ROOT / "templates").rglob("*.html"), *(ROOT / "portal/web").rglob("*.py")]
    words = "\n".join(path.read_text(encoding="utf-8") for path in pages).lower()
    assert {label for label in labels if label.lower() not in words} == set()


def test_the_map_lists_the_layers_as_they_are_held():
    table = (ROOT / "portal/README.md").read_text(encoding="utf-8")
    layers = table.partition("## Layers")[2].partition("## The walk")[0]
    rows = re.findall(r"^\| (`.+?) \|", layers, re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    held = project["tool"]["importlinter"]["contracts"][0]["layers"]
    assert [re.findall(r"\w+", row) for row in rows] == [one.split(" | ") for one in held]


def test_every_email_kind_has_its_templates_in_both_languages():
    folder = ROOT / "templates" / "email"
    for language in ("en", "fr"):
        for kind in KINDS:
            for ending in ("subject.txt", "txt", "html"):
                assert (folder / language / f"{kind}.{ending}").is_file(), (language, kind, ending)


def test_every_route_declares_who_may_open_it(app):
    undeclared = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if not hasattr(app.view_functions[rule.endpoint], "access")
    }
    assert undeclared == set()


def test_nothing_names_a_registry_or_this_machine():
    names = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    words = re.compile(r"/work/(?!\w+\.)|pypi\.org/simple|registry\.npmjs")
    allowed = {"tests/test_rules.py"}
    guilty = [
        name
        for name in names
        if name not in allowed
        and (ROOT / name).suffix in (".py", ".md", ".html", ".toml", ".txt", ".css", ".js", "")
        and (ROOT / name).is_file()
        and words.search((ROOT / name).read_text(encoding="utf-8", errors="ignore"))
    ]
    assert guilty == []


def test_no_source_points_at_a_document_that_is_not_here():
    documents = [ROOT / "portal/README.md", ROOT / "docs/decisions.md"]
    sources = [*PORTAL, *(ROOT / "tests").rglob("*.py"), *documents]
    guilty = {
        f"{path.relative_to(ROOT)}: {found}"
        for path in sources
        for found in re.findall(r"\b[\w/]+\.md\b|§\s?\d[\d.]*", path.read_text(encoding="utf-8"))
        if not (ROOT / found).is_file()
    }
    assert guilty == set()
