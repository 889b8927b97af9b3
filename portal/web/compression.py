"""Which answers are compressed: those in which a listener could find out nothing by their length.

Whoever sees how long compressed pages are, and can make a browser ask for them with words of his
choice, finds out what else they say (BREACH, 2013). So pages of somebody who is signed in, or is
signing in, are never compressed. Public pages hold no secret and know nobody. What a link leads to
can be asked for only by who has the link, and with it all that its pages say.
"""

from flask import Flask, Response, request

from portal.extensions import compress

# Their pages never see a cookie. None: files, and pages about an address that leads nowhere.
KNOW_NOBODY = ("candidate", "public", None)


def _compress(response: Response) -> Response:
    if request.blueprint not in KNOW_NOBODY:
        return response
    status = response.status_code
    if status >= 400:  # Flask-Compress looks at 2xx only; our errors are pages, with forms on them
        response.status_code = 200
        compress.after_request(response)
        response.status_code = status
        return response
    return compress.after_request(response)


def init_app(app: Flask) -> None:
    """Bind to APP; first of what changes answers, and so the last to do it."""
    compress.init_app(app)
    app.after_request(_compress)
