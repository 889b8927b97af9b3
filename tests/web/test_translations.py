"""The French catalogue: complete for what everybody sees, and compiled from what is written."""

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from portal.config import ROOT

FOLDER = ROOT / "portal" / "translations" / "fr" / "LC_MESSAGES"
SEEN_BY_EVERYBODY = [
    ("portal/web/public*.py", "python"),
    ("portal/figures/**.py", "python"),
    ("templates/public/**.html", "jinja2"),
    ("portal/web/survey_form.py", "python"),
    ("portal/web/pictures.py", "python"),
    ("portal/web/employer/levers.py", "python"),
    ("templates/employer/levers.html", "jinja2"),
    ("portal/web/candidate/**.py", "python"),
    ("templates/base.html", "jinja2"),
    ("templates/macros/**.html", "jinja2"),
    ("templates/candidate/**.html", "jinja2"),
    ("portal/employers/**.py", "python"),
    ("portal/web/settings/**.py", "python"),
    ("templates/settings/**.html", "jinja2"),
    ("portal/web/operator/**.py", "python"),
    ("templates/operator/**.html", "jinja2"),
    ("templates/account/**.html", "jinja2"),
    ("portal/web/own_account/**.py", "python"),
    ("portal/web/coming_back.py", "python"),
    ("portal/web/account*.py", "python"),
    ("portal/mail_kinds/**.py", "python"),
    ("portal/accounts.py", "python"),
    ("templates/team/**.html", "jinja2"),
    ("portal/web/team.py", "python"),
    ("portal/web/joining.py", "python"),
    ("portal/hiring/status_page.py", "python"),
    ("portal/web/recruiter/record.py", "python"),
    ("portal/web/recruiter/status_link.py", "python"),
    ("templates/recruiter/own_page.html", "jinja2"),
    ("templates/recruiter/record.html", "jinja2"),
]
KEYWORDS = DEFAULT_KEYWORDS | {"lazy_gettext": None}


def _plain(text: str | list[str] | tuple[str, ...]) -> str | tuple[str, ...]:
    """TEXT as the same thing whether it was read from source or compiled, plural or not."""
    return text if isinstance(text, str) else tuple(text)


def _compiled() -> dict:
    with (FOLDER / "messages.mo").open("rb") as compiled:
        return {_plain(m.id): _plain(m.string) for m in read_mo(compiled) if m.id}


def test_french_is_compiled_from_what_is_written():
    with (FOLDER / "messages.po").open("rb") as source:
        written = {_plain(message.id): message for message in read_po(source, "fr") if message.id}
    assert _compiled() == {key: _plain(m.string) for key, m in written.items() if any(m.string)}
    for message in written.values():
        assert not message.fuzzy
        assert not list(message.check()), message.id


def test_all_that_everybody_sees_is_in_french():
    found = extract_from_dir(ROOT, SEEN_BY_EVERYBODY, keywords=KEYWORDS)
    used = {_plain(text) for _file, _line, text, *_ in found}
    assert len(used) > 300
    assert used <= _compiled().keys(), used - _compiled().keys()
