"""Links of ours are cleaned before anything looks at a request, whichever page they lead to.

They are answered in place. A mail program's one click must not be sent elsewhere (RFC 8058), what
was typed is sent once, and a page's own links and forms lead to the clean address anyway.
"""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from portal import links


def cleaned(application: WSGIApplication) -> WSGIApplication:
    """APPLICATION, asked for the clean address of a link."""

    def ask(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        asked = _text(environ, "PATH_INFO"), _text(environ, "QUERY_STRING")
        clean = links.clean_address(*asked)
        if clean != asked:
            environ["PATH_INFO"], environ["QUERY_STRING"] = clean
        return application(environ, start_response)

    return ask


def _text(environ: WSGIEnvironment, name: str) -> str:
    """The server's bytes, which WSGI hands on one character each, as the UTF-8 that they are."""
    return str(environ.get(name, "")).encode("latin-1").decode(errors="replace")
