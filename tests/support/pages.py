"""What every HTML page must be, checked on every page that any test fetches."""

import re
from collections import defaultdict

from bs4 import BeautifulSoup, Tag
from html5lib import HTMLParser

OWN = re.compile(r"/(?!/)|data:")
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
    tags = defaultdict(list)  # one walk over the page, by name
    for tag in soup.descendants:
        if isinstance(tag, Tag):
            tags[tag.name].append(tag)
    every = [tag for named in tags.values() for tag in named]
    assert tags["html"][0].get("lang") in ("en", "fr"), "lang"
    assert tags["title"], "no title"
    assert tags["title"][0].text.strip(), "no title"
    assert len(tags["h1"]) == 1, "exactly one h1"
    ids = [tag["id"] for tag in every if "id" in tag.attrs]
    assert len(ids) == len(set(ids)), f"duplicate ids: {sorted(i for i in ids if ids.count(i) > 1)}"
    _check_fields(tags, every, set(ids))
    _check_sources(tags, every)


def parse(html: str) -> BeautifulSoup:
    """HTML of sound syntax, in a third of html5lib's time."""
    soup = BeautifulSoup(html.replace("\r\n", "\n"), "html.parser")
    for area in soup.find_all("textarea"):  # its first line break is no part of its text
        if area.string:
            area.string = area.string.removeprefix("\n")
    return soup


def _check_fields(tags: dict[str, list[Tag]], every: list[Tag], ids: set[str]) -> None:
    labelled = {label.get("for") for label in tags["label"]}
    for field in (*tags["input"], *tags["select"], *tags["textarea"]):
        if field.get("type") in ("hidden", "submit"):
            continue
        named = field.get("id") in labelled or field.find_parent("label") or field.get("aria-label")
        assert named, f"no label: {field}"
    for described in every:
        for target in described.get("aria-describedby", "").split():
            assert target in ids, f"aria-describedby names nothing: {target}"
    for form in tags["form"]:
        assert form.get("action"), f"form without action: {form}"
        if form.get("method", "get").lower() == "post":
            assert form.find("input", {"name": "csrf_token"}), f"form without CSRF token: {form}"


def _check_sources(tags: dict[str, list[Tag]], every: list[Tag]) -> None:
    for tag in every:
        assert not tag.get("style"), "inline style"
        assert not [name for name in tag.attrs if name.startswith("on")], f"inline handler: {tag}"
        for name in ("src", "srcset"):
            assert OWN.match(tag.get(name, "/")), f"third party: {tag}"
    for script in tags["script"]:
        assert script.get("src") or script.get("type") == "application/ld+json", "inline script"
    for tag in tags["link"]:
        if "stylesheet" in tag.get("rel", ()):
            assert OWN.match(tag["href"]), f"third party: {tag}"
