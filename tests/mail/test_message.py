"""What one message is on the wire, whatever is put into it."""

import email
import re
from email.header import decode_header, make_header
from email.policy import default

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from portal.emails import one_line
from portal.transport import AddressRefused, BadHeader, Message, wire_address

HEADERS = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Unsubscribe",
    "MIME-Version",
    "Content-Type",
]
LINK = "https://heardback.a-rather-long-host-name.example/u/" + "a" * 48
NASTY = st.text(
    alphabet=st.one_of(
        st.characters(),
        st.sampled_from('\r\n\0\t <>@"\\,;:()[]=?.\u202e\u2028\x85é漢🙂'),
    ),
    max_size=120,
)


def build(**values) -> bytes:
    facts = {
        "subject": "Hello",
        "sender": ("Acme hiring team", "hello@heardback.example"),
        "to": "cam@example.net",
        "reply_to": "ada@acme.example",
        "message_id": "<20261122.abc@heardback.example>",
        "body": "text\n",
        "html": "<p>text</p>\n",
        "headers": {"List-Unsubscribe": f"<{LINK}>"},
    } | values
    return Message(**facts).as_bytes()


def parse(raw: bytes):
    """RAW parsed, after checking what every message must be."""
    lines = raw.split(b"\r\n")
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, lines)) <= 998
    assert max(raw) < 128
    encoded = [line for line in raw.split(b"\r\n\r\n")[0].split(b"\r\n") if b"=?" in line]
    assert all(len(line) <= 76 for line in encoded)
    assert all(len(word) <= 75 for line in encoded for word in line.split())
    assert b"\0" not in raw
    message = email.message_from_bytes(raw, policy=default)
    assert message.keys() == HEADERS, "one of each, and no other"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    return message


@given(NASTY)
@settings(max_examples=300, deadline=None)
def test_any_subject_arrives_as_it_is_or_is_refused(text):
    try:
        message = parse(build(subject=text))
    except BadHeader:
        assert re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", text)
        return
    assert str(message["Subject"]).strip() == text.strip()


@given(NASTY)
@settings(max_examples=300, deadline=None)
def test_any_cleaned_name_arrives_beside_the_right_address(text):
    name = one_line(text, 70)
    message = parse(build(sender=(name, "hello@heardback.example")))
    (sender,) = message["From"].addresses
    assert sender.addr_spec == "hello@heardback.example"
    if name.isascii():
        assert sender.display_name == name


@given(NASTY)
@settings(max_examples=300, deadline=None)
def test_any_header_value_or_address_is_refused_or_harmless(text):
    for values in (
        {"to": text},
        {"reply_to": text},
        {"message_id": text},
        {"sender": (text, "hello@heardback.example")},
        {"sender": ("Acme", text)},
        {"headers": {"List-Unsubscribe": text}},
    ):
        try:
            raw = build(**values)
        except (BadHeader, AddressRefused):
            continue
        head = raw.split(b"\r\n\r\n")[0]
        names = [line.split(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
        assert [name.decode() for name in names] == HEADERS


@given(st.text(max_size=4000), st.text(max_size=4000))
@settings(max_examples=100, deadline=None)
def test_any_text_makes_the_round_trip(body, html):
    assume("\ud800" not in body + html)
    message = parse(build(body=body, html=html))
    parts = [part.get_payload(decode=True).decode() for part in message.iter_parts()]
    for sent, received in zip((body, html), parts, strict=True):
        lines = sent.replace("\r\n", "\n").replace("\r", "\n")
        assert received.replace("\r\n", "\n").rstrip("\n") == lines.rstrip("\n")


@pytest.mark.parametrize(
    "html", ["<p>" + "x" * 3000 + "</p>", "é" * 1500, ".\n..\n.x", "a" * 998, "--=_heardback--\n"]
)
def test_long_lines_letters_and_dots(html):
    message = parse(build(html=html, body=html))
    found = message.get_body(("html",)).get_content()
    assert found.replace("\r\n", "\n").strip() == html.strip()


@pytest.mark.parametrize("name", ["🙂" * 70, "é" * 70, "Ünï cöde " * 8, "x" * 69 + "é", "漢" * 69])
def test_long_international_names_are_in_words_that_every_program_reads(name):
    raw = build(sender=(name, "hello@heardback.example"), subject=name)
    assert str(parse(raw)["Subject"]).split() == name.split()
    # Python's newer parser puts spaces between the words of a name, which is wrong.
    sender = str(make_header(decode_header(email.message_from_bytes(raw)["From"])))
    assert sender.split() == [*name.split(), "<hello@heardback.example>"]


@pytest.mark.parametrize(
    "subject", ["🙂 " * 20, "x" * 1000, "é" * 1000, "word " * 200, "=?utf-8?q?=0D?="]
)
def test_long_and_odd_subjects(subject):
    assert str(parse(build(subject=subject))["Subject"]).split() == subject.split()


def test_flask_mail_sees_the_same_message():
    message = Message(
        subject="Hello",
        sender=("Acme", "hello@heardback.example"),
        to="cam@example.net",
        reply_to="ada@acme.example",
        message_id="<1@heardback.example>",
        body="text",
        html="<p>text</p>",
        headers={},
    )
    assert message.as_string().encode() == message.as_bytes() == bytes(message)
    assert message.send_to == {"cam@example.net"}
    assert message.html == "<p>text</p>"


def test_a_link_longer_than_a_line_stays_in_one_piece():
    assert f"\r\nList-Unsubscribe: <{LINK}>\r\n".encode() in build()


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("cam@example.net", "cam@example.net"),
        ("Cam.O'Neil+x@EXAMPLE.net", "Cam.O'Neil+x@example.net"),
        ("cam@bücher.example", "cam@xn--bcher-kva.example"),
        ('"cam smith"@example.net', '"cam smith"@example.net'),
        ('"a@b"@example.net', '"a@b"@example.net'),
        # More than a standard allows, but many a forwarding service makes, and servers take.
        ("x" * 65 + "@example.net", "x" * 65 + "@example.net"),
        ("deliver@simulator.invalid", "deliver@simulator.invalid"),
    ],
)
def test_addresses_that_can_be_written_to(address, wire):
    assert wire_address(address) == wire


@pytest.mark.parametrize(
    "address",
    [
        "zoë@example.net",
        "cam@exa mple.net",
        "a@b@example.net",
        "cam",
        "@example.net",
        "cam@",
        "cam@" + "d" * 251,
        "cam@" + ".".join(["d" * 60] * 5) + ".net",
        "cam@example.net\r\nRCPT TO:<eve@example.net>",
        "cam\0@example.net",
        "<cam@example.net>",
        "cam@example..net",
        "cam@-example.net",
        "cam@☃.net",
        '"cam\r\n"@example.net',
        "cam@example.net, eve@example.net",
    ],
)
def test_addresses_that_cannot(address):
    with pytest.raises(AddressRefused, match=r"\w"):
        wire_address(address)


def test_names_are_cut_and_cleaned():
    assert one_line("  a\r\n b\t\0c  ", 20) == "a b c"
    assert one_line("x" * 1000, 10) == "x" * 9 + "…"
    assert one_line("abc\u202edef\u2066", 20) == "abcdef"
    assert one_line("\ud800é", 20) == "é"
