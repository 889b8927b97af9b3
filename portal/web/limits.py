"""How often candidates' pages may be asked for what, and whether we see who asks."""

import fcntl
import logging
from ipaddress import ip_address
from typing import IO

from flask import Flask, current_app, request

from portal.config import Config
from portal.extensions import blur, limiter

log = logging.getLogger(__name__)

PROXY_HEADERS = ("X-Forwarded-For", "X-Real-IP", "Forwarded")
UNBELIEVED = "heardback_unbelieved_proxy"


def link() -> str:
    """By which link: a whole fair may answer from one address, each by a link of their own."""
    return blur((request.view_args or {}).get("token", ""))


# What protects a link is its 128 random bits; the limits keep one reader, or a broken program,
# from keeping us busy.
SENDS = "30 per minute"
FRESH_LINKS = "6 per hour"
limit_sends = limiter.shared_limit(SENDS, scope="sends", key_func=link)
limit_fresh_links = limiter.shared_limit(FRESH_LINKS, scope="fresh-links", key_func=link)
# Asked for links that are not ours only: good ones are never counted, nor turned away for others.
GUESSES = "60 per minute; 600 per hour"
limit_guesses = limiter.shared_limit(GUESSES, scope="candidate-link")


def _look_for_proxy() -> None:
    """Note once that requests come by way of a proxy that we have not been told to believe.

    From an address of our own network only: anybody can send such a header.
    """
    if UNBELIEVED in current_app.extensions or not any(
        name in request.headers for name in PROXY_HEADERS
    ):
        return
    try:
        is_near = ip_address(request.remote_addr or "").is_private
    except ValueError:
        is_near = True  # a socket of this machine
    if is_near:
        current_app.extensions[UNBELIEVED] = True
        log.warning(
            "Requests come through a proxy, but TRUSTED_PROXIES is 0: limits take everybody for "
            "one address. Set it to the number of proxies before Heardback."
        )


def is_proxy_unbelieved() -> bool:
    """Whether this process has seen a proxy's mark although TRUSTED_PROXIES is 0."""
    return UNBELIEVED in current_app.extensions


def warn_if_apart(config: Config) -> IO[str] | None:
    """Say so where another web process on this machine counts in a memory of its own.

    Keep what is returned: it holds this process's claim to be the only one.
    """
    if config.RATELIMIT_STORAGE_URI != "memory://":
        return None
    try:
        claim = (config.INSTANCE_PATH / "web.lock").open("a")
    except OSError:  # a folder that nobody may write to cannot tell
        return None
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        log.warning(
            "Another web process runs here, and each counts limits apart: what 60 tries are "
            "allowed for, two take 120. Set RATELIMIT_STORAGE_URI to a Redis that all share."
        )
    return claim


def init_app(app: Flask, config: Config) -> None:
    """Bind to APP; before its first request."""
    if not config.TRUSTED_PROXIES:
        app.before_request(_look_for_proxy)
