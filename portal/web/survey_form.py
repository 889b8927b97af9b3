"""The survey as a form: a definition in, answers out. Knows no request and no database."""

from collections.abc import Iterator
from typing import Any, cast

from markupsafe import Markup, escape
from wtforms import Form, RadioField, TextAreaField, ValidationError
from wtforms.fields import Field
from wtforms.form import BaseForm
from wtforms.validators import InputRequired

from portal.formatting import unbroken
from portal.language import gettext, lazy_gettext, ngettext
from portal.models import Locale
from portal.surveys import MAX_COMMENT, Answers, Kind, Question, Survey, clean_comment

MISSING = {
    Kind.SCALE: lazy_gettext("Choose a number from 0 to 10."),
    Kind.STARS: lazy_gettext("Choose from 1 to 5 stars."),
}


class ChoiceField(RadioField):
    """One of the answers shown, or none at all."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            invalid_choice_message=lazy_gettext("Choose one of the answers shown."), **options
        )

    def pre_validate(self, form: BaseForm) -> None:
        if self.data:
            super().pre_validate(form)


def _clean(text: str | None) -> str:
    return clean_comment(text or "")


def _is_short_enough(_form: BaseForm, field: Field) -> None:
    over = len(field.data) - MAX_COMMENT
    if over > 0:
        raise ValidationError(
            ngettext(
                "Your words are one character too long. Please shorten them a little.",
                "Your words are %(num)s characters too long. Please shorten them.",
                over,
            )
        )


def _is_said(form: BaseForm, field: Field) -> None:
    """Nothing is decided for who wrote words; who wrote none is not asked."""
    if cast(SurveyForm, form).words() and not field.data:
        raise ValidationError(gettext("Choose what may happen to your words."))


def _field(question: Question) -> Any:
    if question.kind is Kind.TEXT:
        return TextAreaField(
            filters=[_clean], validators=[_is_short_enough], render_kw={"dir": "auto"}
        )
    if question.kind is Kind.CONSENT:
        return ChoiceField(validators=[_is_said])
    missing = MISSING.get(question.kind, lazy_gettext("Choose one of the answers shown."))
    return ChoiceField(validators=[InputRequired(missing)] if question.is_required else [])


class SurveyForm(BaseForm):
    """The whole survey on one page. Fields are named by the questions' keys."""

    def __init__(
        self,
        survey: Survey,
        employer: str,
        locale: Locale,
        sent: Any = None,
        *,
        answers: Answers | None = None,
        stars: str | None = None,
    ) -> None:
        """SURVEY about EMPLOYER in LOCALE, filled in from what was SENT, else from ANSWERS.

        STARS pre-selects the rating where neither says anything.
        """
        super().__init__([(one.key, _field(one)) for one in survey.questions], meta=Form.Meta())
        self.survey, self.locale = survey, locale
        for question in survey.questions:
            self._ask(question, Markup("<bdi>{}</bdi>").format(employer))
        known = {one.key: stars for one in survey.questions if one.kind is Kind.STARS}
        self.process(sent, data={k: str(v) for k, v in answers.items()} if answers else known)

    def _ask(self, question: Question, employer: Markup) -> None:
        wording, field = question.wording[self.locale], self[question.key]
        field.label.text = _fill(wording.text, employer)
        field.description = _fill(wording.hint, employer)
        if isinstance(field, ChoiceField):
            texts = wording.options or question.options
            field.choices = [
                (value, _fill(text, employer))
                for value, text in zip(question.options, texts, strict=True)
            ]

    def asked(self) -> Iterator[tuple[Question, list[Question], tuple[str, ...]]]:
        """Each question that follows from none, those that follow from it, and its answers that
        they follow from."""
        for question in self.survey.questions:
            if question.follows is None:
                later = [
                    one
                    for one in self.survey.questions
                    if one.follows and one.follows[0] == question.key
                ]
                opens = {value for one in later if one.follows for value in one.follows[1]}
                yield question, later, tuple(sorted(opens))

    def ends(self, question: Question) -> tuple[str, str]:
        """What the lowest and the highest answer to QUESTION mean."""
        wording = question.wording[self.locale]
        if question.kind is Kind.STARS and not wording.low_label:  # as version 1 has it
            return wording.options[0], wording.options[-1]
        return wording.low_label, wording.high_label

    @property
    def has_stars(self) -> bool:
        """Whether the stars are chosen already, as by a link of the mail."""
        return any(
            self._is_answered(one) for one in self.survey.questions if one.kind is Kind.STARS
        )

    @property
    def required_left(self) -> int:
        """How many required questions have no answer yet."""
        return sum(one.is_required and not self._is_answered(one) for one in self.survey.questions)

    def _is_answered(self, question: Question) -> bool:
        return self[question.key].data in question.options

    def words(self) -> str:
        """What was typed."""
        return next(
            (self[one.key].data for one in self.survey.questions if one.kind is Kind.TEXT), ""
        )

    def answers(self) -> dict[str, Any]:
        """What a valid form says, as the survey reads it."""
        return self.survey.read(self.data)


def _fill(text: str, employer: Markup) -> Markup:
    """TEXT with {employer} in its own writing direction, safe for a page."""
    return escape(unbroken(text)).format(employer=employer)
