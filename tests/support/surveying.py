"""Many candidates who answer over HTTP at about the same time."""

import http.client
import random
import re
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from urllib.parse import urlencode

SAID = {"recommend": "8", "overall": "4", "comment": "Kind, but slow.", "words": "public"}
CSRF_TOKEN = re.compile(r'name="(csrf_token)" value="(\w+)"')
TYPED = {"Content-Type": "application/x-www-form-urlencoded"}


def answer_all(port: int, tokens: Sequence[str], seconds: float) -> tuple[list[float], list[int]]:
    """Whoever has one of TOKENS answers at some moment of SECONDS: how long each waited for the
    answer to be kept, and with which status."""
    _wait_for(port)
    dice, begin = random.Random(7), time.monotonic()
    moments = [begin + dice.uniform(0, seconds) for _ in tokens]
    with ThreadPoolExecutor(len(tokens)) as people:
        found = list(people.map(lambda one: _answer(port, *one), zip(tokens, moments, strict=True)))
    return [waited for waited, _ in found], [status for _, status in found]


def _answer(port: int, token: str, moment: float) -> tuple[float, int]:
    time.sleep(max(0, moment - time.monotonic()))
    _, page = _request(port, "GET", f"/s/{token}")
    typed = SAID | dict(CSRF_TOKEN.findall(page))
    began = time.monotonic()
    status, _ = _request(port, "POST", f"/s/{token}", urlencode(typed))
    return time.monotonic() - began, status


def _request(port: int, method: str, path: str, body: str | None = None) -> tuple[int, str]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request(method, path, body, TYPED if body else {})
        response = connection.getresponse()
        return response.status, response.read().decode()


def _wait_for(port: int) -> None:
    for _ in range(600):
        with suppress(OSError):
            _request(port, "GET", "/")
            return
        time.sleep(0.1)
    raise AssertionError("the server does not come up")
