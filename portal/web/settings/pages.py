"""What the settings bring about, and the forms that change them."""

from flask import flash, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal import employers, reputation
from portal.employers import Change, Meanwhile
from portal.extensions import db
from portal.figures import score
from portal.language import gettext
from portal.models import Employer, Role
from portal.web.access import member
from portal.web.settings import words
from portal.web.settings.forms import SettingsForm
from portal.web.settings.sections import PATH, SECTIONS, settings_pages

Answer = Response | str | tuple[str, int]
GROUPS = f"any({','.join(SECTIONS)})"
CONFIRMED = "confirmed"


@settings_pages.route(PATH)
@member(Role.OWNER)
def index(employer: Employer) -> str:
    """Every setting with what it brings about."""
    shown = [
        (group, one, [(words.LABELS[key], words.consequence(employer, key)) for key in one.keys])
        for group, one in SECTIONS.items()
    ]
    return render_template("settings/index.html", sections=shown)


@settings_pages.route(f"{PATH}/<{GROUPS}:group>", methods=["GET", "POST"])
@member(Role.OWNER)
def change(employer: Employer, group: str) -> Answer:
    """Change the settings of one group."""
    section = SECTIONS[group]
    form = section.form()
    if request.method != "POST":
        for key in section.keys:
            form.show(key, employers.as_text(employer, key))
        form.look_at(employer)
        return _form(employer, group, form)
    if not form.validate():
        return _form(employer, group, form)
    try:
        changes = employers.change_settings(employer, form.texts(), seen=form.was_seen())
    except employers.SettingsChanged:
        return _changed(employer, group, form)
    except employers.SettingsRefused as refusal:
        db.session.rollback()
        for key, said in refusal.faults.items():
            form.say(key, said)
        return _form(employer, group, form)
    if _is_to_confirm(changes):
        db.session.rollback()
        return _confirm(employer, group, form)
    flash(*_what_changed(employer, changes))
    db.session.commit()
    return redirect(url_for("settings.index", slug=employer.slug), 303)


def _is_to_confirm(changes: list[Change]) -> bool:
    is_public_changed = any(one.key == "publish" for one in changes)
    return is_public_changed and request.form.get("step") != CONFIRMED


def _what_changed(employer: Employer, changes: list[Change]) -> tuple[Markup, str]:
    if not changes:
        return Markup("{}").format(gettext("Nothing was changed: all is as it was.")), "info"
    said = [words.consequence(employer, one.key) for one in changes]
    keys = [one.key for one in changes]
    if set(keys) & employers.PLANNED_BY.keys():
        said.append(words.applies_to(employers.count_affected(employer, keys)))
    return Markup(" ").join([Markup("{}").format(gettext("Changed.")), *said]), "success"


def _form(
    employer: Employer, group: str, form: SettingsForm, meanwhile: list[Meanwhile] | None = None
) -> str:
    section = SECTIONS[group]
    return render_template(
        "settings/change.html",
        form=form,
        group=group,
        section=section,
        action=url_for("settings.change", slug=employer.slug, group=group),
        now={key: words.consequence(employer, key) for key in section.keys},
        waiting=employers.count_affected(employer, section.keys),
        labels=words.LABELS,
        meanwhile=meanwhile or [],
        value_of=words.value_of,
        page_has_errors=bool(form.errors),
    )


def _changed(employer: Employer, group: str, form: SettingsForm) -> tuple[str, int]:
    """Nothing was kept: the page says what somebody else did, with all that was typed.

    What was not touched follows the other's change.
    """
    seen, typed = form.was_seen(), form.texts()
    meanwhile = employers.list_meanwhile(employer, seen)
    for one in meanwhile:
        if typed[one.change.key] == seen[one.change.key]:
            form.show(one.change.key, one.change.new)
    form.look_at(employer)
    return _form(employer, group, form, meanwhile), 409


def _confirm(employer: Employer, group: str, form: SettingsForm) -> str:
    board = reputation.dashboard(employer)
    return render_template(
        "settings/publish.html",
        form=form,
        is_publishing=form.texts()["publish"] == "true",
        action=url_for("settings.change", slug=employer.slug, group=group),
        carried=form.carried("seen", *SECTIONS[group].keys),
        score=score(board.reputation, board.floor) if board.reputation else None,
        floor=board.floor,
        is_approved=employer.approved_at is not None,
    )
