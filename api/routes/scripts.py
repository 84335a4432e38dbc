"""Scripts: drafts, checks, publishing, and the script of a call."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import CallTakerDep, ReaderDep, SteererDep, own_agent_ids
from api.deps import ClockDep, OutboxDep, SessionDep
from api.errors import problems
from api.schemas.scripts import (
    DraftIn,
    PublishIn,
    ScriptFindingOut,
    ScriptIn,
    ScriptOut,
    ScriptVersionOut,
    TalkOut,
    TrailIn,
)
from campaigns.errors import AttemptNotFound
from campaigns.scripts import drafts, publishing, shelves, talks
from campaigns.scripts.codes import code_of
from campaigns.scripts.errors import (
    DraftChanged,
    NoDraft,
    NoScriptForCall,
    NothingToUndo,
    ScriptNotFound,
    ScriptNotPublishable,
)
from campaigns.scripts.publishing import script_channel
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.errors import Forbidden, Unauthenticated

router = APIRouter(
    prefix="/scripts", tags=["scripts"], responses=problems(Unauthenticated, Forbidden)
)

Number = Annotated[int | None, Query(ge=1, description="The version; the newest when left out.")]


@router.get("")
async def list_scripts(who: ReaderDep, session: SessionDep) -> list[ScriptVersionOut]:
    """Return the client's scripts with their versions, the newest first."""
    rows = await shelves.list_scripts(session, client_id=who.client_id)
    return [ScriptVersionOut.of(row, version) for row, version in rows]


@router.post("", status_code=HTTPStatus.CREATED)
async def create_script(
    body: ScriptIn, who: SteererDep, session: SessionDep, clock: ClockDep
) -> ScriptOut:
    """Make a script with a draft; a code that is taken gets a number behind it."""
    wanted = body.code or code_of(body.name)
    code = await shelves.free_code(session, wanted, client_id=who.client_id)
    row = await drafts.create(session, code, body.name, body.content, who=who, clock=clock)
    return ScriptOut.of(row, await drafts.editable(session, code, client_id=who.client_id))


@router.get("/{code}", responses=problems(ScriptNotFound))
async def get_script(
    code: str, who: ReaderDep, session: SessionDep, version: Number = None
) -> ScriptOut:
    """Return a version of a script: the draft, if there is one, when no number is given."""
    row = await shelves.find_row(session, code, client_id=who.client_id)
    if version is None:
        return ScriptOut.of(row, await drafts.editable(session, code, client_id=who.client_id))
    found = await shelves.version_of(session, row, version)
    if found is None:
        raise ScriptNotFound(script=code, version=version)
    return ScriptOut.of(row, found)


@router.put("/{code}/draft", responses=problems(ScriptNotFound, DraftChanged))
async def save_draft(
    code: str, body: DraftIn, who: SteererDep, session: SessionDep, clock: ClockDep
) -> ScriptOut:
    """Keep a changed script as its draft."""
    draft = await drafts.save_draft(
        session, code, body.content, revision=body.revision, who=who, clock=clock
    )
    return ScriptOut.of(await shelves.find_row(session, code, client_id=who.client_id), draft)


@router.post("/{code}/draft/undo", responses=problems(ScriptNotFound, NoDraft, NothingToUndo))
async def undo_draft(code: str, who: SteererDep, session: SessionDep, clock: ClockDep) -> ScriptOut:
    """Take the draft's last change back."""
    draft = await drafts.undo(session, code, who=who, clock=clock)
    return ScriptOut.of(await shelves.find_row(session, code, client_id=who.client_id), draft)


@router.delete(
    "/{code}/draft",
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(ScriptNotFound, NoDraft),
)
async def discard_draft(code: str, who: SteererDep, session: SessionDep, clock: ClockDep) -> None:
    """Throw the draft away; the published version is what there is."""
    await drafts.discard(session, code, who=who, clock=clock)


@router.get("/{code}/findings", responses=problems(ScriptNotFound))
async def check_script(code: str, who: ReaderDep, session: SessionDep) -> list[ScriptFindingOut]:
    """Return what is wrong with the draft, else with the published version."""
    version = await drafts.editable(session, code, client_id=who.client_id)
    script = publishing.script_in(version)
    found = await publishing.findings_of(session, script, client_id=who.client_id)
    return [ScriptFindingOut.of(finding) for finding in found]


@router.post(
    "/{code}/publish",
    responses=problems(ScriptNotFound, NoDraft, DraftChanged, ScriptNotPublishable),
)
async def publish_script(
    code: str,
    body: PublishIn,
    who: SteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> ScriptVersionOut:
    """Publish the draft: every operator reads it from now on, those who are talking too."""
    version = await publishing.publish(session, code, revision=body.revision, who=who, clock=clock)
    outbox.announce(script_channel(who.client_id))
    row = await shelves.find_row(session, code, client_id=who.client_id)
    return ScriptVersionOut.of(row, version)


@router.post("/{code}/versions/{number}/publish", responses=problems(ScriptNotFound))
async def publish_again(
    code: str,
    number: int,
    who: SteererDep,
    session: SessionDep,
    clock: ClockDep,
    outbox: OutboxDep,
) -> ScriptVersionOut:
    """Publish what an earlier version says as a new version."""
    version = await publishing.publish_again(session, code, number, who=who, clock=clock)
    outbox.announce(script_channel(who.client_id))
    row = await shelves.find_row(session, code, client_id=who.client_id)
    return ScriptVersionOut.of(row, version)


@router.get("/calls/{attempt_id}", responses=problems(AttemptNotFound, NoScriptForCall))
async def script_of_call(
    attempt_id: UUID,
    who: CallTakerDep,
    session: SessionDep,
    clock: ClockDep,
    language: Annotated[str, Query(max_length=10)] = "",
) -> TalkOut:
    """Return the script of a call, filled, with the operator's place; agents of their own calls only."""
    talk = await own_talk(session, attempt_id, who)
    version = await talks.version_for(session, talk)
    if version is None:
        raise NoScriptForCall(attempt_id=attempt_id)
    shown = await talks.show(
        session,
        talk,
        version,
        wished=language,
        agent_name=who.login,
        hide_numbers=who.role is Role.AGENT,
        keep=talk.is_with(who.user_id),
        clock=clock,
    )
    return TalkOut.of(shown)


@router.post("/calls/{attempt_id}/trail", responses=problems(AttemptNotFound))
async def keep_trail(
    attempt_id: UUID, body: TrailIn, who: CallTakerDep, session: SessionDep
) -> list[str]:
    """Keep the steps an operator went through; a shorter way than the kept one comes too late."""
    talk = await own_talk(session, attempt_id, who)
    return list(await talks.keep_trail(session, talk, body.trail))


async def own_talk(session: AsyncSession, attempt_id: UUID, who: Identity) -> talks.Talk:
    """Return a call that somebody may read the script of: agents only their own ones.

    Raises:
        AttemptNotFound: no such call for them.
    """
    own = await own_agent_ids(session, who) if who.role is Role.AGENT else None
    return await talks.find_talk(session, attempt_id, client_id=who.client_id, own=own)
