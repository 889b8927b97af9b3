"""The address of a cell: taken out and said, or refused with the reason; never as it stands."""

import re

import email_validator
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.candidate_files.addresses import (
    BESIDES,
    CLEANED,
    ORDINARY,
    SEVERAL,
    AddressRead,
    read_address,
)

ANN = "ann@x.example"


def validate(text):
    return email_validator.validate_email(
        text,
        check_deliverability=False,
        test_environment=True,
        allow_smtputf8=False,
        allow_quoted_local=True,
    ).normalized


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (ANN, ANN),
        ("Ann.Roe+jobs@X.Example", "Ann.Roe+jobs@x.example"),
        ("o'neil@x.example", "o'neil@x.example"),
        ("a/b@x.example", "a/b@x.example"),
        ("a|b@x.example", "a|b@x.example"),
        ('"a b"@x.test', '"a b"@x.test'),
        ('"a,b"@x.test', '"a,b"@x.test'),
        ("ann@bücher.example", "ann@bücher.example"),
        ("test@company.example", "test@company.example"),
        ("na@company.example", "na@company.example"),
        ("null@company.example", "null@company.example"),
        ("nora.reply@x.example", "nora.reply@x.example"),
        ("norep@x.example", "norep@x.example"),
        (" ann@x.example\u00a0", ANN),
        ("\u00a0\u2003ann@x.example", ANN),
        ("\ufeffann@x.example", ANN),
        ("ann@x.example\u200b", ANN),
        ("\u2060\u200eann@x.example\u200d\u200f", ANN),
        ("\u202aann@x.example\u202c", ANN),
        ("ann@x.example\r\n", ANN),
        ("\u3164ann@x.example\u2800", ANN),
        ('"ann@x.example"@y.test', '"ann@x.example"@y.test'),
    ],
)
def test_addresses_as_they_should_be_are_taken_without_a_word(text, address):
    assert read_address(text) == AddressRead(address)


@pytest.mark.parametrize(
    ("text", "notice"),
    [
        ("a\u00adnn@x.example", CLEANED),
        ("ann@x\u200b.example", CLEANED),
        ("'ann@x.example", CLEANED),
        ("'ann@x.example'", CLEANED),
        ('"ann@x.example"', CLEANED),
        ("“ann@x.example”", CLEANED),
        ("<ann@x.example>", CLEANED),
        ("ann@x.example.", CLEANED),
        ("ann@x.example,", CLEANED),
        ("ann@x.example ; ", CLEANED),
        ("ann＠x.example", CLEANED),
        ("ａｎｎ@x．example", CLEANED),
        ("ann&#64;x.example", CLEANED),
        ("ann&#x40;x&period;example", CLEANED),
        ("ann&amp;#64;x.example", CLEANED),
        ("ann&commat;x.example", CLEANED),
        ("mailto:ann@x.example", BESIDES),
        ("MAILTO:ann@x.example?subject=Hello%20Ann&cc=bob@x.example", BESIDES),
        ("mailto:ann%40x.example", BESIDES),
        ("mailto://ann@x.example", BESIDES),
        ("SMTP:ann@x.example", BESIDES),
        ("E-mail: ann@x.example", BESIDES),
        ("Mail: ann@x.example", BESIDES),
        ("Email address: ann@x.example", BESIDES),
        ("Correo electrónico: ann@x.example", BESIDES),
        ("mailto:mailto:ann@x.example", BESIDES),
        ("mailto:ann@x.example?subject=Your job, Ann&body=a; b", BESIDES),
        ("mailto:ann@x.example?subject=a,b", BESIDES),
        ('="ann@x.example"', CLEANED),
        ('=HYPERLINK("mailto:ann@x.example","Write, Ann")', BESIDES),
        ('=LIEN_HYPERTEXTE("mailto:ann@x.example?subject=b";"ann@x.example")', BESIDES),
        ('["ann@x.example"]', BESIDES),
        ('[{"value": "ann@x.example", "type": "personal"}]', BESIDES),
        ('{"email":"ann@x.example","primary":true}', BESIDES),
        ("<td>ann@x.example</td>", BESIDES),
        ("<li class='m'>ann@x.example</li>", BESIDES),
        ("ann@x.example ✓", BESIDES),
        ("📧 ann@x.example", BESIDES),
        ('["ann@x.example","bob@x.example"]', SEVERAL),
        ("['ann@x.example', 'bob@x.example']", SEVERAL),
        ("ann@x.example (bob@x.example)", SEVERAL),
        ("ann@x.example [bob@x.example]", SEVERAL),
        ("ann@x.example، bob@x.example", SEVERAL),
        ("ann@x.example؛ bob@x.example", SEVERAL),
        ("ann@x.example、bob@x.example", SEVERAL),
        ("ann@x.example => bob@x.example", SEVERAL),
        ("mailto:ann@x.example?cc=bob@x.example mailto:bob@x.example", SEVERAL),
        ("Ann Roe <ann@x.example>", BESIDES),
        ("Ann Roe<ann@x.example>", BESIDES),
        ("Roe, Ann <ann@x.example>", BESIDES),
        ('"Roe, Ann" <ann@x.example>', BESIDES),
        ("'Roe, Ann' < ann@x.example >", BESIDES),
        ("Ann Roe <mailto:ann@x.example>", BESIDES),
        ("ann@x.example <mailto:ann@x.example>", BESIDES),
        ("Ann Roe [ann@x.example]", BESIDES),
        ("Ann Roe &lt;ann@x.example&gt;", BESIDES),
        ("ann@x.example (Ann)", BESIDES),
        ("ann@x.example (Roe, Ann)", BESIDES),
        ("Ann Roe (ann@x.example)", BESIDES),
        ('<a href="mailto:ann@x.example">ann@x.example</a>', BESIDES),
        ("<a class='m' href='mailto:ann@x.example?subject=x'>Write to Ann</a>", BESIDES),
        ("<p>ann@x.example</p>", BESIDES),
        ("[ann@x.example](mailto:ann@x.example)", BESIDES),
        ("[Ann Roe](mailto:ann@x.example)", BESIDES),
        ("ann@x.example; N/A", BESIDES),
        ("ann@x.example / N/A", BESIDES),
        ("n/a | ann@x.example", BESIDES),
        ("ann@x.example, bob@x.example", SEVERAL),
        ("ann@x.example;bob@x.example;", SEVERAL),
        ("ann@x.example / bob@x.example", SEVERAL),
        ("ann@x.example/bob@x.example", SEVERAL),
        ("ann@x.example | bob@x.example", SEVERAL),
        ("ann@x.example bob@x.example", SEVERAL),
        ("ann@x.example\nbob@x.example", SEVERAL),
        ("ann@x.example\r\nbob@x.example", SEVERAL),
        ("ann@x.example\tbob@x.example", SEVERAL),
        ("ann@x.example<br>bob@x.example", SEVERAL),
        ("ann@x.example and bob@x.example", SEVERAL),
        ("ann@x.example or bob@x.example", SEVERAL),
        ("ann@x.example ou bob@x.example", SEVERAL),
        ("ann@x.example & bob@x.example", SEVERAL),
        ("Ann <ann@x.example>, Bob <bob@x.example>", SEVERAL),
        ("mailto:ann@x.example,bob@x.example", SEVERAL),
        ("ann@b; ann@x.example", SEVERAL),
        ("noreply@jobs.example; ann@x.example", SEVERAL),
    ],
)
def test_an_address_is_taken_out_of_its_cell_with_a_notice(text, notice):
    found = read_address(text)
    assert (found.address, found.notice) == (ANN, notice)


def test_the_apostrophe_of_our_own_export_is_taken_back():
    assert read_address("'+ann@x.example").address == "+ann@x.example"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is missing"),
        (" ; ", "is missing"),
        ("N/A", "is missing"),
        ("\u200b", "is missing"),
        ("\u2800", "is missing"),
        ("✉", "@-sign"),
        ("=ann@x.example", "begins with a sign"),
        ("*ann@x.example", "begins with a sign"),
        ("#ann@x.example", "begins with a sign"),
        ("//ann@x.example", "begins with a sign"),
        ("%20ann@x.example", "begins with a sign"),
        ("ann@x.example / 555", "beside an address"),
        ("no mail: ann@x.example", "beside an address"),
        ("Ann [ann@x.example] bob@x.example", "beside an address"),
        ("bob@x.test\r\nBcc: y@z", "control characters"),
        ("bob@x.test\nBcc: eve@y.example", "control characters"),
        ("bob@x.test\rSubject:hello", "control characters"),
        ("bob@x.test&#13;&#10;Bcc: eve@y.example", "control characters"),
        ("mailto:bob@x.test%0D%0ABcc:eve@y.example", "control characters"),
        ("bob\x00@x.test", "control characters"),
        ("bob\x7f@x.test", "control characters"),
        ("bob@x.test\nBcc eve@y.example", "beside an address"),
        ("ann roe@x.example", "“ann” beside an address"),
        ("ann, roe@x.example", "“ann” beside an address"),
        ("ann@x.co m", "“m” beside an address"),
        ("ann@x.co,uk", "“uk” beside an address"),
        ("Ann Roe ann@x.example", "beside an address"),
        ('"Bob Low" bob@x.example', "@"),
        ("ann @x.example", "beside an address"),
        ("ann at x dot example", "@-sign"),
        ("ann.x.example", "@-sign"),
        ("Ann Roe", "@-sign"),
        ("a@b", "period"),
        ("a@b@x.test", "@"),
        ("zoë@x.org", "@"),
        ("ann..roe@x.example", "two periods"),
        (".ann@x.example", "period"),
        ("ann@x..example", "period"),
        ("ann@-x.example", "hyphen"),
        ("ann@localhost", "period"),
        ("ann@x.local", "special-use"),
        ("ann@x.invalid", "special-use"),
        ("ann@[127.0.0.1]", "@"),
        ("Ann <ann@x.example", "beside"),
        (f"{'a' * 250}@x.test", "long"),
        ("a@x.test," * 120, "longer than 1000"),
        ("noreply@x.example", "nobody answers"),
        ("no-reply+123@x.example", "nobody answers"),
        ("Do.Not.Reply@x.example", "nobody answers"),
        ("Jobs <donotreply@x.example>", "nobody answers"),
        ("test@test.com", "nobody's address"),
        ("none@none.com", "nobody's address"),
        ("na@na.com", "nobody's address"),
        ("n/a@na.com", "nobody's address"),
        ("no-email@email.com", "nobody's address"),
        ("unknown@x.example", "nobody's address"),
    ],
)
def test_what_cannot_be_mailed_to_is_refused_with_the_reason(text, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        read_address(text)


@pytest.mark.parametrize("local", [1, 63, 64, 65])
@pytest.mark.parametrize("label", [1, 62, 63, 64])
@pytest.mark.parametrize("others", [0, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97])
def test_lengths_end_where_they_end_for_the_library(local, label, others):
    address = f"{'a' * local}@{'b' * label}.{'c.' * others}example"
    try:
        expected = validate(address)
    except email_validator.EmailNotValidError:
        expected = None
    try:
        found = read_address(address).address
    except ValueError:
        found = None
    assert found == expected


LOCALS = st.from_regex(r"[A-Za-z0-9_%+.-]{1,66}", fullmatch=True)
LABELS = st.from_regex(r"[A-Za-z0-9-]{1,65}", fullmatch=True)
ENDS = st.sampled_from(
    ["example", "test", "com", "LOCAL", "onion", "invalid", "c", "x1", "xn--p1ai"]
)


@given(
    LOCALS | st.sampled_from(["INFO", "Postmaster"]),
    st.lists(LABELS | st.sampled_from(["x", "xn--bcher-kva", "ab--c"]), max_size=5),
    ENDS,
)
def test_what_the_short_way_accepts_the_library_accepts_the_same(local, labels, end):
    address = f"{local}@{'.'.join([*labels, end])}"
    try:
        expected = validate(address)
    except email_validator.EmailNotValidError:
        expected = None
    try:
        found = read_address(address)
    except ValueError as error:
        assert expected is None or re.search("nobody|begins with", str(error))  # noqa: PT017
    else:
        assert found.address == (expected or validate(found.address))
        assert expected or not ORDINARY.fullmatch(address) or found.notice


@given(st.text(max_size=40) | st.text("an@x.exmpl <>()[],;/'\"\r\n:&#64%0dA", max_size=40))
def test_whatever_is_taken_can_be_mailed_to(text):
    try:
        address = read_address(text).address
    except ValueError as error:
        assert str(error)  # noqa: PT017
    else:
        assert validate(address) == address
        assert address.isprintable()
        assert not any(sign in address for sign in "\r\n")
