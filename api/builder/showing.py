"""The builder's page, whole or the pieces that a step changed."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi.responses import Response

from api.builder import view, words
from api.builder.asked import Asked, words_language
from api.builder.fields import fields_of, fields_of_form, fields_of_section
from api.builder.listed import Fields
from api.builder.reading import Problem
from api.builder.view import Chosen, Editor
from api.countries import countries
from api.languages import locale_of
from api.templating import render
from campaigns.forms.editing.drafts import Draft
from campaigns.forms.editing.edits import section_of
from campaigns.forms.editing.fingerprints import (
    fingerprint,
    print_of_section,
    print_of_settings,
)
from campaigns.forms.editing.record_fields import headings_of
from campaigns.forms.form import Form
from campaigns.forms.media import MediaFolder
from campaigns.tenancy.models import User
from dialer.ids import new_id

#: Languages to choose from beside those of the form. Source: ISO 639-1.
LANGUAGES = (
    *("ar", "az", "be", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "he", "hi"),
    *("hr", "hu", "hy", "id", "it", "ja", "ka", "kk", "ko", "ky", "lt", "lv", "mk", "nl", "no"),
    *("pl", "pt", "ro", "ru", "sk", "sl", "sq", "sr", "sv", "tg", "th", "tr", "uk", "uz", "vi"),
    "zh",
)


@dataclass(frozen=True, slots=True)
class Clash:
    """A step that met another person's: what is sent was not saved."""

    parts: tuple[str, ...] = ()  #: in which both differ
    text: str = ""  #: what the question says now
    is_gone: bool = False


@dataclass(frozen=True, slots=True)
class Showing:
    """How the page is to be shown."""

    chosen: Chosen
    fields: Fields | None = None  #: as they were sent; None: as the form says
    problems: Mapping[str, Problem] = field(default_factory=dict)
    problem: str = ""  #: a sentence above everything
    clash: Clash | None = None
    focus: str = ""  #: the field, or ``undo``
    redraws: bool = True  #: the editor too; not while somebody types in it
    http_code: HTTPStatus = HTTPStatus.OK


async def show(asked: Asked, draft: Draft, how: Showing, *, whole: bool = True) -> Response:
    """Return the page, or only what a step changes in it."""
    form, language = draft.form, words_language(draft.form, asked.language)
    findings = await asyncio.to_thread(view.findings_of, form)
    chosen = how.chosen
    context: dict[str, Any] = {
        "who": asked.who,
        "path": f"/forms/{form.code}",
        "form": form,
        "draft": draft,
        "chosen": chosen,
        "title": form.title.within(language) or form.code,
        "outline": view.outline(form, findings, language),
        "own": [one for one in findings if view.owner_of(one) == _owner(chosen)],
        "others": [one for one in findings if view.owner_of(one) != _owner(chosen)],
        "bars": sum(one.bars for one in findings),
        "owner_of": view.owner_of,
        "part_of": view.part_of,
        "editor": editor_of(asked, form, how, language),
        "seen": seen_of(form, chosen),
        "token": str(new_id()),
        "preview": _preview(form, chosen, language),
        "preview_language": language,
        "by": await _login(asked, draft),
        "words": words,
        "problems": {name: _words_of(asked, one) for name, one in how.problems.items()},
        "problem": how.problem,
        "clash": how.clash,
        "focus": how.focus,
        "redraws": how.redraws,
        "said": asked.said,
        "names": locale_of(asked.language).languages,
        "language_codes": LANGUAGES,
        "countries": countries(asked.language),
        "headings": await headings_of(asked.session, asked.who.client_id),
        "media": [one.name for one in media_of(asked).listed()],
    }
    template = "forms/builder.html" if whole else "forms/_step.html"
    answer = render(asked.request, template, http_code=how.http_code, **context)
    if how.http_code is not HTTPStatus.OK:
        answer.headers["HX-Push-Url"] = "false"  # the address of a button is no page
    return answer


def media_of(asked: Asked) -> MediaFolder:
    """Return the pictures and recordings of the client who asks."""
    return MediaFolder(asked.services.settings.form_files() / str(asked.who.client_id))


def _owner(chosen: Chosen) -> str:
    return chosen.code or "form"


def _words_of(asked: Asked, problem: Problem) -> str:
    message = words.PROBLEMS.get(problem.kind, words.PROBLEM)
    try:
        return asked.say(message) % problem.facts
    except KeyError:
        return asked.say(words.PROBLEM)


def editor_of(asked: Asked, form: Form, how: Showing, language: str) -> Editor:
    """Return the form of the chosen piece, with what was sent or as the form says."""
    chosen = how.chosen
    if chosen.sort == "question":
        question = form.by_code.get(chosen.code)
        if question is None:
            return Editor(how.fields or {})
        sent = how.fields if how.fields is not None else fields_of(question, form)
        answer = asked.say(words.OWN_ANSWER)
        return view.question_editor(form, question, sent, language, answer)
    if chosen.sort == "section":
        section = section_of(form, chosen.code)
        sent = how.fields if how.fields is not None else fields_of_section(section, form)
        return view.section_editor(form, section, sent, language)
    return Editor({**fields_of_form(form), **(how.fields or {})})


def seen_of(form: Form, chosen: Chosen) -> str:
    """Return the fingerprint of the chosen piece: what its person sees of it."""
    if chosen.sort == "question":
        question = form.by_code.get(chosen.code)
        return fingerprint(question) if question else ""
    if chosen.sort == "section":
        return print_of_section(section_of(form, chosen.code))
    return print_of_settings(form)


def _preview(form: Form, chosen: Chosen, language: str) -> dict[str, Any] | None:
    question = form.by_code.get(chosen.code) if chosen.sort == "question" else None
    return view.preview(form, question, language) if question else None


async def _login(asked: Asked, draft: Draft) -> str:
    if draft.last is None or draft.last.edited_by is None:
        return ""
    user = await asked.session.get(User, draft.last.edited_by)
    return user.login if user and user.client_id == asked.who.client_id else ""
