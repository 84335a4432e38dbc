"""A test run of a form: it is gone through as an operator does, nothing is stored, and the path is told.

The answers travel in the page: a run is nobody's data.
"""

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from api.builder import view, words
from api.builder.answers import answer_words, given_in
from api.builder.asked import Asked, AskedDep, words_language
from api.builder.conditions import shortened
from api.builder.listed import Fields
from api.builder.refusal_words import refusal_words
from api.templating import render
from campaigns.forms import publishing
from campaigns.forms.answering.answers import Answer, Answers, Person, Refused, given_from
from campaigns.forms.answering.engine import Walk, record, walk
from campaigns.forms.answering.settling import settle
from campaigns.forms.answering.showing import shown
from campaigns.forms.form import Form
from campaigns.forms.models import FormVersion
from campaigns.forms.words import FindingCode
from dialer.ids import new_id

router = APIRouter(prefix="/forms")

_NEVER = frozenset({FindingCode.UNREACHABLE, FindingCode.CONTRADICTION})
_MOST_STATE = 500_000  #: characters of the answers that a page brings back
_CONTACT = "contact."


@dataclass(frozen=True, slots=True)
class Told:
    """A question in the report of a run."""

    code: str
    words: str
    answer: str = ""
    condition: str = ""


@router.get("/{code}/trial")
async def trial_page(code: str, asked: AskedDep, version: int | None = None) -> Response:
    """Begin a test run of a version, the newest without a number."""
    found = await publishing.find_version(
        asked.session, code, version, client_id=asked.who.client_id
    )
    return await _show(asked, found, {})


@router.post("/{code}/trial")
async def trial_step(code: str, asked: AskedDep, version: int | None = None) -> Response:
    """Take one answer of a test run, or go one question back."""
    found = await publishing.find_version(
        asked.session, code, version, client_id=asked.who.client_id
    )
    return await _show(asked, found, await asked.fields(_MOST_STATE))


def _answers_in(form: Form, state: str) -> Answers:
    """Return the answers that the page brought back, as far as they fit the form."""
    try:
        stored = json.loads(state or "{}")
        items = stored.items() if isinstance(stored, dict) else ()
        given = {str(code): given_from(raw) for code, raw in items if isinstance(raw, dict)}
    except (ValueError, RecursionError):
        return Answers()
    found: dict[str, Answer] = {}
    for code, one in given.items():
        question = form.by_code.get(code)
        answer = settle(form, question, one) if question else None
        if isinstance(answer, Answer):
            found[code] = answer
    return Answers(found)


def _person(fields: Fields, form: Form, asked: Asked) -> Person:
    contact = {name: fields.get(f"{_CONTACT}{name}", "").strip() for name in form.contact_fields}
    said = {name: value for name, value in contact.items() if value}
    seed = fields.get("seed", "")[:80] or str(new_id())
    return Person(said, seed, asked.services.clock.now().date())


def _stepped(
    form: Form, answers: Answers, person: Person, fields: Fields
) -> tuple[Answers, Refused | None]:
    """Return the answers after the button that was pressed, or why they stay as they are."""
    now = walk(form, answers, person)
    button = fields.get("do", "")
    if button == "again":
        return Answers(), None
    if button == "back":
        last = now.path[-1] if now.path else ""
        return Answers({code: one for code, one in answers.by_code.items() if code != last}), None
    question = now.next
    if not button or question is None or question.code != fields.get("at"):
        return answers, None  # the press came twice, or the form was changed
    given = given_in(fields, question)
    after = given if isinstance(given, Refused) else None
    taken = after or record(form, answers, question.code, given, person)
    return (answers, taken) if isinstance(taken, Refused) else (taken, None)


async def _show(asked: Asked, version: FormVersion, fields: Fields) -> Response:
    form = publishing.form_in(version)
    person = _person(fields, form, asked)
    before = _answers_in(form, fields.get("state", ""))
    answers, refused = _stepped(form, before, person, fields)
    language = fields.get("language", "")
    if language not in form.languages:
        language = words_language(form, asked.language)
    now = walk(form, answers, person)
    state = {code: answer.as_json() for code, answer in answers.by_code.items()}
    return render(
        asked.request,
        "forms/trial.html",
        who=asked.who,
        path=f"/forms/{form.code}/trial",
        form=form,
        version=version,
        title=form.title.within(language) or form.code,
        seen=shown(form, now.next, now, person, language) if now.next else None,
        now=now,
        state=json.dumps(state, ensure_ascii=False),
        seed=person.seed,
        contact=person.contact,
        language_chosen=language,
        refused=refusal_words(asked.say, refused, language) if refused else "",
        given=fields if refused else {},
        gone=_gone(form, now, language, asked),
        left=_left(form, now, language),
        never=await _never(form, language),
        words=words,
    )


def _told(form: Form, code: str, language: str, **more: Any) -> Told:
    question = form.by_code[code]
    return Told(code, shortened(question.text.within(language), 90), **more)


def _gone(form: Form, now: Walk, language: str, asked: Asked) -> Sequence[Told]:
    """Return what was gone through, each with its answer; calculated values stand last."""
    calculated = [code for code in now.counted if code not in now.path]
    found: list[Told] = []
    for code in (*now.path, *calculated):
        answer = now.counted.get(code)
        said = answer_words(form.by_code[code], answer, language, asked.say) if answer else ""
        found.append(_told(form, code, language, answer=said))
    return found


def _left(form: Form, now: Walk, language: str) -> Sequence[Told]:
    """Return what was not asked, each with the condition that may have kept it away."""
    gone = {*now.path, *now.counted, now.next.code if now.next else ""}
    found: list[Told] = []
    for section in form.sections:
        for question in section.questions:
            if question.code not in gone:
                said = " and ".join(one for one in (section.show_if, question.show_if) if one)
                found.append(_told(form, question.code, language, condition=said))
    return found


async def _never(form: Form, language: str) -> Sequence[Told]:
    """Return the questions that nobody can be asked, whatever the answers."""
    findings = await asyncio.to_thread(view.findings_of, form)
    codes = dict.fromkeys(view.owner_of(one) for one in findings if one.code in _NEVER)
    return [_told(form, code, language) for code in codes if code in form.by_code]
