"""What the forms of a candidate's pages send along."""

import re
from urllib.parse import unquote

from portal import links

LINK = re.compile(r"/(?:s|u|d/confirm|d|status)/([^/?]+)")


def filled(path: str, data: dict | None = None) -> dict:
    """DATA as the form on the page of PATH's link sends it; a mail program's one click has none."""
    bare, _, query = path.partition("?")
    found, sent = LINK.search(links.clean_address(unquote(bare), query)[0]), data or {}
    if not found or (path.startswith("/u/") and "mail" not in sent):
        return sent
    return {"csrf_token": links.form_token(found[1])} | sent
