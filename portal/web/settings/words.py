"""What each setting is called, and what it brings about, in one sentence with its value."""

from collections.abc import Callable
from datetime import date
from typing import Final

from flask import url_for
from markupsafe import Markup, escape

from portal import closure, emails, employers, formatting, language
from portal.config import settings
from portal.language import LANGUAGES, gettext, lazy_gettext, ngettext
from portal.models import ClockPreset, Employer, ReleaseCadence, utcnow

LABELS: Final = {
    "survey_delay_days": lazy_gettext("Days between telling and asking"),
    "check_in_after_days": lazy_gettext("Days without news before asking"),
    "send_window": lazy_gettext("Hours of survey mail"),
    "name": lazy_gettext("Name"),
    "locale": lazy_gettext("Language of mail"),
    "reply_to": lazy_gettext("Replies go to"),
    "postal_address": lazy_gettext("Postal address"),
    "clock_preset": lazy_gettext("When an answer is owed"),
    "inform_within_business_days": lazy_gettext("Business days you promise"),
    "publish": lazy_gettext("Public page"),
    "release_every": lazy_gettext("How often answers come out"),
    "industry": lazy_gettext("Industry"),
    "country": lazy_gettext("Country"),
    "region": lazy_gettext("Part of the country"),
    "timezone": lazy_gettext("Time zone"),
}
DUTIES: Final = {
    ClockPreset.OWN: lazy_gettext("Within business days of the decision that you choose"),
    ClockPreset.TEN_DAYS: lazy_gettext("Within 10 business days of the decision"),
    ClockPreset.ONTARIO: lazy_gettext("Within 45 days of the last interview, as in Ontario"),
}
CADENCES: Final = {
    ReleaseCadence.DAY: lazy_gettext("Every day"),
    ReleaseCadence.WEEK: lazy_gettext("Every week"),
    ReleaseCadence.MONTH: lazy_gettext("Every month"),
}
SAMPLE_DAY: Final = date(2025, 3, 1)


def consequence(employer: Employer, key: str) -> str:
    """What the setting KEY brings about for EMPLOYER as it is now."""
    return SENTENCES[key](employer)


def value_of(key: str, text: str) -> str:
    """The TEXT of the setting KEY as a person reads it."""
    if not text:
        return gettext("nothing")
    if key == "publish":
        return gettext("everybody may read it") if text == "true" else gettext("nobody else may")
    named = {"locale": LANGUAGES, "clock_preset": DUTIES, "release_every": CADENCES}
    if key in named:
        return str(named[key][text])  # type: ignore[index]
    return employers.country_name(text) if key == "country" else text


def applies_to(count: int) -> str:
    """To how many invitations a change of when people are asked applies."""
    if not count:
        return gettext("No invitation is waiting to be sent.")
    return ngettext(
        "This applies to the one invitation not yet sent.",
        "This applies to the %(num)s invitations not yet sent.",
        count,
    )


def _delay(employer: Employer) -> str:
    count = employer.survey_delay_days
    if not count:
        return gettext("Asked as soon as they have been told.")
    return ngettext(
        "Asked %(num)s day after being told.", "Asked %(num)s days after being told.", count
    )


def _check_in(employer: Employer) -> str:
    return gettext(
        "Without news they are asked %(days)s after their last interview or stage.",
        days=formatting.days(employer.check_in_after_days),
    )


def _window(employer: Employer) -> str:
    window = closure.parse_window(employer.send_window)
    if window is None:
        return gettext("Survey mail leaves at any hour, at weekends too.")
    opens, closes = (formatting.clock(one) for one in window)
    return gettext(
        "Survey mail leaves on weekdays, from %(opens)s to %(closes)s.", opens=opens, closes=closes
    )


def _name(employer: Employer) -> str:
    return escape(gettext("Mail and pages call you %(name)s.")) % {
        "name": Markup("<bdi>{}</bdi>").format(employer.name)
    }


def _locale(employer: Employer) -> str:
    return gettext(
        "Candidates are written to in %(language)s, unless their own record says otherwise.",
        language=_language_name(employer),
    )


def _language_name(employer: Employer) -> str:
    return {"en": gettext("English"), "fr": gettext("French")}[employer.locale.value]


def _reply_to(employer: Employer) -> str:
    address = emails.find_reply_to(employer)
    if address is None:
        return gettext("Nobody would get a candidate’s reply, so no mail leaves.")
    if employer.reply_to:
        return gettext("A candidate’s reply reaches %(address)s.", address=address)
    return gettext(
        "A candidate’s reply reaches %(address)s, the first of your team here.", address=address
    )


def _postal_address(employer: Employer) -> str:
    if employer.postal_address:
        lines = ", ".join(employer.postal_address.split("\n"))
        return gettext("At the end of every mail stands: %(lines)s.", lines=lines.rstrip("."))
    if settings().is_production:
        return gettext("Without it no invitation leaves: the law of many countries asks for it.")
    return gettext("No address stands in mail.")


def _duty(employer: Employer) -> str:
    return {
        ClockPreset.OWN: ngettext(
            "Candidates are owed an answer within %(num)s business day of the decision: your own "
            "promise.",
            "Candidates are owed an answer within %(num)s business days of the decision: your own "
            "promise.",
            employer.inform_within_business_days,
        ),
        ClockPreset.TEN_DAYS: gettext(
            "Candidates are owed an answer within 10 business days of the decision."
        ),
        ClockPreset.ONTARIO: gettext(
            "Candidates are owed an answer within 45 days of their last interview, as in Ontario."
        ),
    }[employer.clock_preset]


def _promise(employer: Employer) -> str:
    if employer.clock_preset is not ClockPreset.OWN:
        return gettext("Counts only while an answer is owed by your own promise.")
    return gettext("The closure desk calls overdue whoever waits longer.")


def _publish(employer: Employer) -> str:
    if employer.approved_at is None:
        return gettext("Nothing is public before the operator of this site approves your account.")
    if not employer.is_published:
        return gettext("Visitors read that you are not publishing your figures.")
    address = settings().BASE_URL + url_for("public.employer", slug=employer.slug)
    return gettext("Everybody may read your figures at %(address)s.", address=address)


def _release_every(employer: Employer) -> str:
    floor = settings().MIN_ANSWERS
    return {
        ReleaseCadence.DAY: gettext(
            "Answers come out every day on which %(floor)s new ones are together.", floor=floor
        ),
        ReleaseCadence.WEEK: gettext(
            "Answers come out every week in which %(floor)s new ones are together.", floor=floor
        ),
        ReleaseCadence.MONTH: gettext(
            "Answers come out every month in which %(floor)s new ones are together.", floor=floor
        ),
    }[employer.release_every]


def _industry(employer: Employer) -> str:
    if not employer.industry:
        return gettext("No industry stands on your public page.")
    return gettext("Stands on your public page: %(industry)s.", industry=employer.industry)


def _country(employer: Employer) -> str:
    with language.use(employer.written_in(employer.locale)):
        sample = formatting.day(SAMPLE_DAY)
    if not employer.country:
        return gettext("Not said. Mail writes a day like this: %(sample)s.", sample=sample)
    return gettext(
        "%(country)s. Mail writes a day like this: %(sample)s.",
        country=employers.country_name(employer.country),
        sample=sample,
    )


def _region(employer: Employer) -> str:
    if not employer.region:
        return gettext("Not said. No figure depends on it yet.")
    place = employers.place_name(employer.country, employer.region)
    return gettext("%(place)s. No figure depends on it yet.", place=place)


def _timezone(employer: Employer) -> str:
    return gettext(
        "Days begin and mail leaves by the clock of %(zone)s, where it is %(time)s now.",
        zone=employer.timezone,
        time=formatting.clock(utcnow().astimezone(employer.zone).time()),
    )


SENTENCES: Final[dict[str, Callable[[Employer], str]]] = {
    "survey_delay_days": _delay,
    "check_in_after_days": _check_in,
    "send_window": _window,
    "name": _name,
    "locale": _locale,
    "reply_to": _reply_to,
    "postal_address": _postal_address,
    "clock_preset": _duty,
    "inform_within_business_days": _promise,
    "publish": _publish,
    "release_every": _release_every,
    "industry": _industry,
    "country": _country,
    "region": _region,
    "timezone": _timezone,
}
