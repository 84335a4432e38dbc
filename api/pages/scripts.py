"""Scripts, for those who write them and those who want to know what is said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from api import script_words
from api.auth import PageIdentityDep, PageSteererDep, Permission, may
from api.deps import ClockDep, SessionDep
from api.languages import language_of
from api.logins import logins_of
from api.registers.desk import AskedDep, WantedDep, listed
from api.templating import render, translate
from campaigns.models import Campaign
from campaigns.registers.finding import find_rows
from campaigns.registers.registers import SCRIPTS
from campaigns.scripts import drafts, shelves
from campaigns.scripts.codes import code_of
from campaigns.scripts.editing import starter
from campaigns.scripts.errors import ScriptNotFound
from campaigns.scripts.gaps import gaps_of
from campaigns.scripts.models import ScriptRow, ScriptVersion
from campaigns.scripts.publishing import findings_of, script_in
from campaigns.scripts.reading import language_for, place_in, steps_in
from campaigns.scripts.script import Script
from campaigns.scripts.variables import named
from campaigns.tenancy.tokens import Identity
from dialer.clock import Clock

router = APIRouter(prefix="/scripts")

#: How far back is looked for values that were missing in calls.
GAPS_OF = timedelta(days=7)

Language = Annotated[str, Query(max_length=10)]


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """One script of the list."""

    row: ScriptRow
    published: ScriptVersion | None
    has_draft: bool
    languages: tuple[str, ...]
    campaigns: tuple[str, ...]


@router.get("")
async def scripts_page(asked: AskedDep, wanted: WantedDep) -> Response:
    """Show the client's scripts."""
    who, session = asked.who, asked.session
    found = await find_rows(session, SCRIPTS, wanted, client_id=who.client_id)
    rows = await shelves.list_scripts(
        session, client_id=who.client_id, ids=[row.id for row in found.rows]
    )
    used = await shelves.campaigns_using(session, client_id=who.client_id)
    return render(
        asked.request,
        "scripts/list.html",
        path="/scripts",
        who=who,
        lines=_lines(found.rows, rows, used),
        writes=may(who, Permission.STEER),
        logins=await logins_of(session, client_id=who.client_id),
        words=script_words,
        **listed("/scripts", found, wanted),
        **await asked.flash(),
    )


def _lines(
    ordered: Sequence[ScriptRow],
    rows: Sequence[tuple[ScriptRow, ScriptVersion]],
    used: Sequence[Campaign],
) -> list[ScriptLine]:
    by_script: dict[UUID, list[tuple[ScriptRow, ScriptVersion]]] = {}
    for pair in rows:
        by_script.setdefault(pair[0].id, []).append(pair)
    lines = []
    for pairs in (by_script[one.id] for one in ordered if one.id in by_script):
        row, versions = pairs[0][0], [version for _, version in pairs]
        published = next((one for one in versions if one.published_at), None)
        campaigns = tuple(one.name for one in used if one.settings.get("script") == row.code)
        has_draft = any(one.published_at is None for one in versions)
        languages = script_in(versions[0]).languages
        lines.append(ScriptLine(row, published, has_draft, languages, campaigns))
    return lines


@router.post("")
async def create_script(
    request: Request,
    who: PageSteererDep,
    session: SessionDep,
    clock: ClockDep,
    name: Annotated[str, Form(max_length=200)] = "",
) -> Response:
    """Make a script with three steps to begin with, in the language of the page."""
    language = language_of(request)
    said = {key: translate(language, text) for key, text in script_words.STARTER.items()}
    name = " ".join(name.split()) or translate(language, script_words.UNNAMED)
    code = await shelves.free_code(session, code_of(name), client_id=who.client_id)
    await drafts.create(session, code, name, starter((language,), said), who=who, clock=clock)
    return RedirectResponse(f"/scripts/{code}", HTTPStatus.SEE_OTHER)


@router.get("/{code}")
async def script_page(
    request: Request,
    code: str,
    who: PageIdentityDep,
    session: SessionDep,
    clock: ClockDep,
    language: Language = "",
) -> Response:
    """Show one script: the editor with its preview, findings, campaigns, versions."""
    return await show_script(request, code, who, session, clock, language=language)


async def show_script(
    request: Request,
    code: str,
    who: Identity,
    session: AsyncSession,
    clock: Clock,
    *,
    language: str = "",
    unsaved: Script | None = None,
    problem: str = "",
) -> Response:
    """Return the page of a script; ``unsaved`` is shown in the editor in place of the draft.

    Raises:
        ScriptNotFound: the client has no such script.
    """
    row = await shelves.find_row(session, code, client_id=who.client_id)
    versions = await shelves.versions_of(session, row)
    draft = await drafts.editable(session, code, client_id=who.client_id)
    script = unsaved or script_in(draft)
    chosen = language_for(script, language, language_of(request))
    published = [one for one in versions if one.published_at]
    since = clock.now() - GAPS_OF
    ids = [one.id for one in published]
    return render(
        request,
        "scripts/page.html",
        http_code=HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
        who=who,
        row=row,
        versions=versions,
        published=published[0] if published else None,
        draft=draft if draft.published_at is None else None,
        script=script,
        chosen=chosen,
        gaps=await gaps_of(session, ids, client_id=who.client_id, since=since),
        campaigns=await _campaigns(session, who.client_id),
        logins=await logins_of(session, client_id=who.client_id),
        writes=may(who, Permission.STEER),
        manages=may(who, Permission.CHANGE),
        problem=problem,
        **await preview_context(session, script, chosen, client_id=who.client_id),
    )


async def preview_context(
    session: AsyncSession, script: Script, language: str, *, client_id: UUID, at: str = ""
) -> Mapping[str, Any]:
    """Return what ``_preview.html`` needs: the steps as operators see them, and what is wrong."""
    return {
        "steps": steps_in(script, language, named),
        "place": place_in(script, (at,) if at else ()),
        "findings": await findings_of(session, script, client_id=client_id),
        "titles": {step.code: step.title.within(language) for step in script.steps},
        "numbers": {step.code: number for number, step in enumerate(script.steps, start=1)},
        "speaks": language,
        "words": script_words,
    }


async def _campaigns(session: AsyncSession, client_id: UUID) -> Sequence[Campaign]:
    statement = select(Campaign).where(col(Campaign.client_id) == client_id)
    return (await session.exec(statement.order_by(col(Campaign.name)))).all()


@router.get("/{code}/versions/{number}")
async def version_page(
    request: Request,
    code: str,
    number: int,
    who: PageIdentityDep,
    session: SessionDep,
    language: Language = "",
) -> Response:
    """Show a version as operators read it."""
    row = await shelves.find_row(session, code, client_id=who.client_id)
    version = await shelves.version_of(session, row, number)
    if version is None:
        raise ScriptNotFound(script=code, version=number)
    script = script_in(version)
    chosen = language_for(script, language, language_of(request))
    return render(
        request,
        "scripts/version.html",
        who=who,
        row=row,
        version=version,
        script=script,
        chosen=chosen,
        newest=await shelves.newest_published(session, code, client_id=who.client_id),
        logins=await logins_of(session, client_id=who.client_id),
        writes=may(who, Permission.STEER),
        **await preview_context(session, script, chosen, client_id=who.client_id),
    )
