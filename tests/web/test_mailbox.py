"""The demo's mailbox: mail as it looks, as plain text, and nothing of it that could run."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from tests.conftest import make_app
from tests.support.pages import check_page

NAME = "1795779000123456789"  # nanoseconds: 27 November 2026
HTML = (
    '<!doctype html><html lang="en"><head><title>t</title>'
    "<style>\n@media all {\n  p { width: 99px !important; }\n}\n</style></head><body>"
    '<p style="color: rgb(1, 2, 3)">Hello</p></body></html>'
)


@pytest.fixture
def demo(database_url, tmp_path):
    """A visitor of the demo, with one message in the mailbox."""
    (tmp_path / "mailbox").mkdir()
    return make_app(database_url, DEMO=True, INSTANCE_PATH=tmp_path).test_client()


def put(folder, html: str | None = HTML) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@x.example", "b@x.example", "How was it?"
    message.set_content("Hello\n  https://x.example/s/abc\n\n<b>not bold</b>\n")
    if html:
        message.add_alternative(html, subtype="html")
    sent = message.as_bytes(policy=SMTP)  # with the line ends that a mail server receives
    (folder / "mailbox" / f"{NAME}.eml").write_bytes(sent)


def test_a_message_is_shown_as_it_looks_and_as_plain_text(demo, tmp_path):
    put(tmp_path)
    page = check_page(demo.get("/mailbox"))
    assert "the newest 100 at most" in page.main.text
    assert page.find("time")["datetime"].startswith("2026-11-27T")
    response = demo.get(f"/mailbox/{NAME}")
    page = check_page(response)
    assert page.iframe["src"] == f"/mailbox/{NAME}/html"
    assert page.iframe["sandbox"] == ["allow-top-navigation-by-user-activation"]
    assert "frame-src 'self'" in response.headers["Content-Security-Policy"]
    letter = page.select_one("details .letter")
    assert letter.text == "Hello\n  https://x.example/s/abc\n\n<b>not bold</b>"
    assert letter.a["href"] == "https://x.example/s/abc"
    assert page.find("time")


def test_the_framed_mail_can_neither_run_nor_load_anything(demo, tmp_path):
    put(tmp_path)
    response = demo.get(f"/mailbox/{NAME}/html")
    policy = response.headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'none'", "frame-ancestors 'self'", "form-action 'none'"} <= set(policy)
    assert "sandbox allow-top-navigation-by-user-activation" in policy
    assert not any("script" in part or "img" in part for part in policy)
    assert '<base target="_top">' in response.text
    assert not any("unsafe-" in part for part in policy)
    assert '<p data-style="0">Hello</p>' in response.text


def test_the_framed_mail_keeps_its_styles(demo, tmp_path, chromium):
    put(tmp_path)
    response = demo.get(f"/mailbox/{NAME}/html")
    context = chromium.new_context()
    troubles: list[str] = []
    page = context.new_page()
    page.on("console", lambda said: troubles.append(said.text))
    page.route(
        "**/*",
        lambda route: route.fulfill(body=response.text, headers=dict(response.headers)),
    )
    page.goto("http://127.0.0.1/mail")
    style = page.evaluate(
        "(({color, width}) => [color, width])(getComputedStyle(document.querySelector('p')))"
    )
    assert (style, troubles) == (["rgb(1, 2, 3)", "99px"], [])
    context.close()


def test_a_message_without_html_is_its_plain_text(demo, tmp_path):
    put(tmp_path, html=None)
    page = check_page(demo.get(f"/mailbox/{NAME}"))
    assert not page.iframe
    assert page.select_one(".letter").text.startswith("Hello")
    assert demo.get(f"/mailbox/{NAME}/html").status_code == 404
    assert demo.get("/mailbox/12345678901234567/html").status_code == 404
