"""The survey as a form: the frozen questions in, answers out. Knows no request and no database."""

import re
from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any, TypeVar

from flask_babel import lazy_gettext, ngettext
from markupsafe import Markup, escape
from wtforms import Form, RadioField, TextAreaField, ValidationError
from wtforms.validators import InputRequired

from portal.models import (
    Chased,
    FeedbackGiven,
    HeardHow,
    Locale,
    PromiseKept,
    Relationship,
    Response,
    Told,
    Words,
)
from portal.surveys import MAX_COMMENT, QUESTIONS, Answers, Question, clean_comment

TOLD = (Told.OFFER.value, Told.NOT_CHOSEN.value)  # what heard_how and feedback follow from
SCALE = tuple(str(number) for number in range(11))
# Delete, the C1 controls and what Unicode calls noncharacters: no page may contain them.
NOT_IN_HTML = re.compile(
    "[\x7f-\x9f\ufdd0-\ufdef"
    + "".join(
        chr(plane + last) for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)
    )
    + "]"
)
Choice = TypeVar("Choice", bound=StrEnum)


class ChoiceField(RadioField):
    """One of the answers shown, or none at all."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            invalid_choice_message=lazy_gettext("Choose one of the answers shown."), **options
        )

    def pre_validate(self, form: Form) -> None:
        if self.data:
            super().pre_validate(form)

    def chosen(self, kind: type[Choice]) -> Choice | None:
        return kind(self.data) if self.data else None


def _clean(text: str | None) -> str:
    return clean_comment(NOT_IN_HTML.sub("", text or ""))


class SurveyForm(Form):
    """The whole survey on one page. Fields are named by the questions' keys."""

    recommend = ChoiceField(
        validators=[InputRequired(lazy_gettext("Choose a number from 0 to 10."))]
    )
    overall = ChoiceField(validators=[InputRequired(lazy_gettext("Choose from 1 to 5 stars."))])
    told = ChoiceField()
    heard_how = ChoiceField()
    feedback = ChoiceField()
    chased = ChoiceField()
    promise = ChoiceField()
    relationship = ChoiceField()
    comment = TextAreaField(filters=[_clean], render_kw={"dir": "auto"})
    words = ChoiceField(default=Words.COUNTED.value)

    def __init__(
        self,
        employer: str,
        locale: Locale,
        sent: Any = None,
        *,
        response: Response | None = None,
        stars: str | None = None,
    ) -> None:
        """The survey about EMPLOYER in LOCALE, filled in from what was SENT, else from RESPONSE.

        STARS pre-selects `overall` where neither says anything.
        """
        known = {"overall": stars} if stars in SCALE[1:6] else {}
        super().__init__(sent, data=_as_sent(read_answers(response)) if response else known)
        self.questions = QUESTIONS[locale]
        for key, question in self.questions.items():
            self._ask(key, question, Markup("<bdi>{}</bdi>").format(employer))

    def _ask(self, key: str, question: Question, employer: Markup) -> None:
        field = self[key]
        field.label.text = _fill(question.text, employer)
        field.description = _fill(question.hint, employer)
        if isinstance(field, ChoiceField):
            field.choices = [
                (value, _fill(text, employer)) for value, text in question.options
            ] or [(number, number) for number in SCALE]

    def validate_comment(self, field: TextAreaField) -> None:
        over = len(field.data) - MAX_COMMENT
        if over > 0:
            raise ValidationError(
                ngettext(
                    "Your words are one character too long. Please shorten them a little.",
                    "Your words are %(num)d characters too long. Please shorten them.",
                    over,
                )
            )

    def answers(self) -> Answers:
        """What a valid form says; what follows only from being told is dropped otherwise."""
        is_told = self.told.data in TOLD
        return Answers(
            recommend=int(self.recommend.data),
            overall=int(self.overall.data),
            told=self.told.chosen(Told),
            heard_how=self.heard_how.chosen(HeardHow) if is_told else None,
            chased=self.chased.chosen(Chased),
            promise=self.promise.chosen(PromiseKept),
            feedback=self.feedback.chosen(FeedbackGiven) if is_told else None,
            relationship_after=self.relationship.chosen(Relationship),
            comment=self.comment.data,
            words=self.words.chosen(Words) or Words.COUNTED,
        )


def read_answers(response: Response) -> Answers:
    """RESPONSE as the form would say it."""
    return Answers(**{field.name: getattr(response, field.name) for field in fields(Answers)})


def _as_sent(answers: Answers) -> Mapping[str, str | None]:
    """ANSWERS by field name, as a browser would send them."""
    values = {field.name: getattr(answers, field.name) for field in fields(answers)}
    values["relationship"] = values.pop("relationship_after")
    return {name: None if value is None else str(value) for name, value in values.items()}


def _fill(text: str, employer: Markup) -> Markup:
    """TEXT with {employer} in its own writing direction, safe for a page."""
    for mark in "?:;!":  # French puts a space before them, at which no line may break
        text = text.replace(f" {mark}", f"\u00a0{mark}")
    return escape(text).format(employer=employer)
