"""What every HTML page must be, checked on every page that any test fetches."""

import re

from bs4 import BeautifulSoup
from html5lib import HTMLParser

UNSAFE = re.compile(r"unsafe-|\*")
# All that differs in a page fetched twice.
TOKEN = re.compile(r'(?<=name="csrf_token" value=")[^"<>]+')
# Which words stand between tags or in one of these attributes and whose link it is changes nothing
# of what is checked here; that words stand there does. What might be markup is no word.
WORDS = re.compile(
    r"(?<=>)[^<>&\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*\w[^<>&\x00-\x1f\x7f-\x9f]*(?=<)"
)
VALUE = re.compile(
    r' (value|datetime|title|aria-label|placeholder|content|data-[\w-]+)="'
    r'(?:[^"<>&]|&amp;|&#3[49];)+"'
)
LINK = re.compile(r"/(?:[a-z2-7]{26,}|\d+)\b")
SOUND: set[int] = set()  # pages that differ from these only so need not be checked again


def check_page(response) -> BeautifulSoup:
    """Assert that RESPONSE is a well-made page; return it parsed."""
    html, page = check_html(response)
    return page or parse(html)


def check_html(response) -> tuple[str, BeautifulSoup | None]:
    """Assert that RESPONSE is a well-made page; return its HTML, and parsed if it had to be."""
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert not UNSAFE.search(policy)
    html = response.get_data(as_text=True)
    shape = hash(WORDS.sub("words", LINK.sub("/link", VALUE.sub(r' \1="value"', html))))
    if shape in SOUND:
        return html, None
    page = parse(html)
    _check_html(html, page)
    SOUND.add(shape)
    return html, page


def _check_html(html: str, soup: BeautifulSoup) -> None:
    HTMLParser(strict=True).parse(html)
    assert soup.html.get("lang") in ("en", "fr"), "lang"
    assert soup.title, "no title"
    assert soup.title.text.strip(), "no title"
    assert len(soup.find_all("h1")) == 1, "exactly one h1"
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids)), f"duplicate ids: {sorted(i for i in ids if ids.count(i) > 1)}"
    _check_fields(soup, set(ids))
    _check_sources(soup)


def parse(html: str) -> BeautifulSoup:
    """HTML of sound syntax, in a third of html5lib's time."""
    soup = BeautifulSoup(html.replace("\r\n", "\n"), "html.parser")
    for area in soup.find_all("textarea"):  # its first line break is no part of its text
        if area.string:
            area.string = area.string.removeprefix("\n")
    return soup


def _check_fields(soup: BeautifulSoup, ids: set[str]) -> None:
    labelled = {label.get("for") for label in soup.find_all("label")}
    for field in soup.find_all(["input", "select", "textarea"]):
        if field.get("type") in ("hidden", "submit"):
            continue
        named = field.get("id") in labelled or field.find_parent("label") or field.get("aria-label")
        assert named, f"no label: {field}"
    for described in soup.find_all(attrs={"aria-describedby": True}):
        for target in described["aria-describedby"].split():
            assert target in ids, f"aria-describedby names nothing: {target}"
    for form in soup.find_all("form"):
        assert form.get("action"), f"form without action: {form}"
        if form.get("method", "get").lower() == "post":
            assert form.find("input", {"name": "csrf_token"}), f"form without CSRF token: {form}"


def _check_sources(soup: BeautifulSoup) -> None:
    assert not soup.find_all(style=True), "inline style"
    for tag in soup.find_all(True):
        assert not [name for name in tag.attrs if name.startswith("on")], f"inline handler: {tag}"
    for script in soup.find_all("script"):
        assert script.get("src") or script.get("type") == "application/ld+json", "inline script"
    for name in ("src", "srcset"):
        for tag in soup.find_all(attrs={name: True}):
            assert tag[name].startswith(("/", "data:")), f"third party: {tag}"
    for tag in soup.find_all("link", rel=lambda rel: rel and "stylesheet" in rel):
        assert tag["href"].startswith("/"), f"third party: {tag}"
