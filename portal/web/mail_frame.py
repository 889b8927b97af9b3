"""A mail's own page, for a frame in one of ours: it looks as it was made, and can do nothing."""

import re
from html import unescape

from flask import Response

from portal.web import policy

STYLE = re.compile(r'\sstyle="([^"]*)"')
SHEET = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)
IN_WHOLE_WINDOW = '<base target="_top">'


def framed(html: str) -> Response:
    """The mail HTML under a policy that lets nothing of it run, load or send."""
    html = html.replace("\r\n", "\n")  # as browsers read it before they hash its sheets
    page = _with_a_sheet(html).replace("<head>", f"<head>{IN_WHOLE_WINDOW}", 1)
    response = Response(page)
    response.headers["Content-Security-Policy"] = policy.of_mail(SHEET.findall(page))
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    return response


def _with_a_sheet(page: str) -> str:
    """PAGE with the styles of its tags, which no strict policy lets through, in a sheet instead."""
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f' data-style="{numbers.setdefault(found[1], len(numbers))}"'

    numbered = STYLE.sub(number, page)
    rules = (f'[data-style="{at}"]{{{unescape(style)}}}' for style, at in numbers.items())
    return numbered.replace("<head>", f"<head><style>{''.join(rules)}</style>", 1)
