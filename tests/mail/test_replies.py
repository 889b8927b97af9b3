"""What each reply of a relay means, row by row."""

from datetime import timedelta

import pytest

from portal.outbox.replies import Meaning, judge, wait_asked
from portal.transport import Phase, SmtpOutcome

ADDRESS, MAILBOX, REFUSED, OURS = Meaning.ADDRESS, Meaning.MAILBOX, Meaning.REFUSED, Meaning.OURS


@pytest.mark.parametrize("phase", [Phase.RCPT, Phase.DATA, Phase.FINAL])
@pytest.mark.parametrize(
    ("code", "text", "meaning"),
    [
        *((550, f"5.1.{n} no", ADDRESS) for n in (1, 2, 3, 6, 10)),
        *((550, f"5.2.{n} no", MAILBOX) for n in (0, 1, 2, 3)),
        (550, "5.4.1 no", MAILBOX),
        (552, "quota", MAILBOX),
        *((554, text, OURS) for text in ("5.3.4 big", "5.5.4 what", "5.6.1 no")),
        *((code, "bad command", OURS) for code in (500, 501, 502, 503, 504, 555)),
        *((550, f"5.7.{n} policy", Meaning.PAUSE) for n in (0, 1, 26, 509, 515)),
        (553, "5.1.7 <b@heardback.example>: Sender address rejected: not owned", Meaning.PAUSE),
        (550, "5.1.8 <b@heardback.example>: Domain not found", Meaning.PAUSE),
        (550, "5.1.90 you've reached your daily limit for recipients", Meaning.PAUSE),
        (554, "5.2.252 SendAsDenied", Meaning.PAUSE),
        (550, "5.4.5 Daily user sending limit exceeded", Meaning.PAUSE),
        (550, "sorry, no mailbox here by that name. (#5.1.1)", ADDRESS),
        (552, "sorry, that message size exceeds my limit (#5.3.4)", OURS),
        (553, "sorry, that domain isn't in my list of rcpthosts (#5.7.1)", Meaning.PAUSE),
        (550, "#5.1.0 Address rejected.", REFUSED),
        (550, "#5.7.1 Your access to this mail system has been rejected", Meaning.PAUSE),
        (451, "qq temporary problem (#4.3.0)", Meaning.LATER),
        (550, "error #5.1.1 is not how a status is written", REFUSED),
        (550, "see https://relay.example/?(5.1.1)", REFUSED),
        *((code, "sign in", Meaning.PAUSE) for code in (530, 534, 535, 538)),
        *((code, "no", REFUSED) for code in (550, 551, 553, 554, 521, 556)),
        (550, "5.0.0 no", REFUSED),
        (550, "5.1.0 no", REFUSED),
        (550, "2.0.0 odd", REFUSED),
        *((code, "4.3.0 later", Meaning.LATER) for code in (450, 451, 452)),
        (450, "busy", Meaning.LATER),
        (550, "4.2.2 the enhanced code wins", Meaning.LATER),
        (450, "5.1.1 the enhanced code wins", ADDRESS),
        (421, "4.3.2 closing", Meaning.RECONNECT),
    ],
)
def test_a_reply_to_a_message(phase, code, text, meaning):
    assert judge(SmtpOutcome(phase, code, text)) is meaning


@pytest.mark.parametrize(
    ("phase", "code", "text", "meaning"),
    [
        (Phase.FINAL, 250, "2.0.0 ok", Meaning.SENT),
        (Phase.FINAL, 250, "5.1.1 odd, but taken", Meaning.SENT),
        (Phase.FINAL, None, "", Meaning.UNKNOWN),
        (Phase.BODY, None, "", Meaning.RECONNECT),
        (Phase.DATA, None, "", Meaning.RECONNECT),
        (Phase.RCPT, None, "", Meaning.RECONNECT),
        (Phase.CONNECT, None, "", Meaning.BACK_OFF),
        (Phase.CONNECT, 421, "", Meaning.BACK_OFF),
        (Phase.CONNECT, 554, "", Meaning.PAUSE),
        (Phase.TLS, None, "certificate", Meaning.PAUSE),
        (Phase.AUTH, 535, "5.7.8 no", Meaning.PAUSE),
        (Phase.AUTH, 454, "4.7.0 later", Meaning.BACK_OFF),
        (Phase.AUTH, None, "", Meaning.BACK_OFF),
        (Phase.MAIL, 550, "5.1.8 no", Meaning.PAUSE),
        (Phase.MAIL, 552, "5.3.4 big", Meaning.OURS),
        (Phase.MAIL, 451, "4.3.0", Meaning.LATER),
    ],
)
def test_a_reply_in_its_phase(phase, code, text, meaning):
    assert judge(SmtpOutcome(phase, code, text)) is meaning


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("wait in 300 seconds", 300),
        ("come back in 5 minutes", 300),
        ("in 1 minute.", 60),
        ("no", 0),
    ],
)
def test_only_a_wait_is_read_from_the_text(text, seconds):
    assert wait_asked(SmtpOutcome(Phase.RCPT, 450, text)) == timedelta(seconds=seconds)
