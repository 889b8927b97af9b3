"""The French catalogue: complete for what candidates see, and compiled from what is written."""

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from portal.config import ROOT

FOLDER = ROOT / "portal" / "translations" / "fr" / "LC_MESSAGES"
SEEN_BY_CANDIDATES = [
    ("portal/web/survey_form.py", "python"),
    ("portal/web/candidate/**.py", "python"),
    ("templates/base.html", "jinja2"),
    ("templates/macros/**.html", "jinja2"),
    ("templates/candidate/**.html", "jinja2"),
]
KEYWORDS = DEFAULT_KEYWORDS | {"lazy_gettext": None}


def test_french_is_compiled_from_what_is_written():
    with (FOLDER / "messages.po").open("rb") as source:
        written = {message.id: message for message in read_po(source, "fr") if message.id}
    with (FOLDER / "messages.mo").open("rb") as compiled:
        read = {message.id: message.string for message in read_mo(compiled) if message.id}
    assert read == {key: message.string for key, message in written.items() if message.string}
    for message in written.values():
        assert not message.fuzzy
        assert not list(message.check()), message.id


def test_all_that_candidates_see_is_in_french():
    with (FOLDER / "messages.mo").open("rb") as compiled:
        read = {message.id for message in read_mo(compiled)}
    found = extract_from_dir(ROOT, SEEN_BY_CANDIDATES, keywords=KEYWORDS)
    used = {text for _file, _line, text, *_ in found}
    assert len(used) > 100
    assert used <= read, used - read
