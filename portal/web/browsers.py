"""A browser by what it says of itself, in two words: more is not kept."""

import re

# Each also claims to be those that come after it.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox|FxiOS", "Firefox"),
    ("Chrom|CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def _first(names: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((name for mark, name in names if re.search(mark, text)), None)


def name(user_agent: str) -> tuple[str | None, str | None]:
    """Which browser, on which system, as far as we know it by name."""
    return _first(BROWSERS, user_agent), _first(SYSTEMS, user_agent)
