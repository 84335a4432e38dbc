"""Recordings as pages and programs get them: signed links, ranges, masks, and a trace of who listened."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from http import HTTPStatus
from uuid import UUID

import anyio.to_thread
from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from sqlmodel.ext.asyncio.session import AsyncSession

from api.deps import Services
from campaigns.recordings import finding, links, listening, policies
from campaigns.recordings.finding import FoundRecording
from campaigns.recordings.links import Holder, Use
from campaigns.recordings.listening import Opened
from campaigns.recordings.markers import Marker, markers_of, within
from campaigns.recordings.masking import masked, spans_of
from campaigns.recordings.models import MaskStyle
from campaigns.recordings.store import RecordingStore, open_store
from campaigns.tenancy.models import Role
from campaigns.tenancy.tokens import Identity
from dialer.sealing import KeyRing, ring_from

MEDIA_TYPE = "audio/ogg; codecs=opus"
#: Masked recordings in memory, bytes: making one takes a second for ten minutes of talk.
_MOST_MASKED_BYTES = 64 * 1024 * 1024
#: Source: RFC 9110, section 14.1.2: one range with a beginning, an end, or both.
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@dataclass(slots=True)
class Vault:
    """The storage and keys of this process, and what it has masked lately."""

    store: RecordingStore
    ring: KeyRing
    masked: dict[tuple[UUID, str], bytes] = field(default_factory=dict)

    def remember(self, key: tuple[UUID, str], data: bytes) -> None:
        """Keep a masked recording; the oldest make room."""
        self.masked[key] = data
        while sum(map(len, self.masked.values())) > _MOST_MASKED_BYTES:
            del self.masked[next(iter(self.masked))]


def vault_of(request: Request, services: Services) -> Vault:
    """Return the process's vault.

    Raises:
        ConfigurationError: there are no keys, or the storage's address is none.
    """
    state = request.app.state
    if not hasattr(state, "recording_vault"):
        ring = ring_from(services.settings.keys())
        state.recording_vault = Vault(open_store(services.settings), ring)
    vault: Vault = state.recording_vault
    return vault


def holder_of(who: Identity) -> Holder:
    """Return for whom links are made."""
    return Holder(who.client_id, who.user_id)


def link(request: Request, services: Services, who: Identity, attempt_id: UUID, use: Use) -> str:
    """Return the query that opens a recording for a person, for a while."""
    ring = vault_of(request, services).ring
    return links.sign(ring, attempt_id, holder_of(who), use, now=services.clock.now())


async def markers_for(
    session: AsyncSession, services: Services, found: FoundRecording, language: str
) -> tuple[list[Marker], MaskStyle]:
    """Return a recording's markers, and how a client's users hear it."""
    policy = await policies.policy_of(session, found.row.client_id, clock=services.clock)
    marks = await markers_of(
        session, found.attempt, language=language, personal=policy.personal_questions
    )
    if found.row.duration_s is not None:
        marks = within(marks, found.row.duration_s)
    return marks, MaskStyle(policy.mask)


def is_masked(who: Identity, style: MaskStyle, marks: list[Marker]) -> bool:
    """Tell whether a person hears less than was said."""
    return who.role is Role.CLIENT and style is not MaskStyle.NONE and bool(spans_of(marks))


async def answer(
    request: Request,
    session: AsyncSession,
    services: Services,
    who: Identity,
    attempt_id: UUID,
    signed: tuple[Use, int, str],
) -> Response:
    """Return a recording, or the range that was asked for; the first piece is in the audit log.

    Raises:
        RecordingNotFound: there is none, or it is another client's.
        LinkNotGood: the link is another one's.
        NothingKept: it is not in the storage.
    """
    found = await finding.find_one(session, attempt_id, client_id=who.client_id)
    use, until, sig = signed
    ring, now = vault_of(request, services).ring, services.clock.now()
    links.require(ring, attempt_id, holder_of(who), use, until, sig, now=now)
    downloads = use is Use.DOWNLOAD
    action = "recording.downloaded" if downloads else "recording.heard"
    return await sent(request, session, services, who, found, use=use, action=action)


async def sent(
    request: Request,
    session: AsyncSession,
    services: Services,
    who: Identity,
    found: FoundRecording,
    *,
    use: Use = Use.LISTEN,
    action: str = "recording.heard",
) -> Response:
    """Return a recording, or the range that was asked for, to a person who may hear it.

    Raises:
        NothingKept: it is not in the storage.
    """
    vault = vault_of(request, services)
    opened = listening.open_recording(found.row, vault.store, vault.ring)
    cover = await _cover(session, services, found, who)
    data = await _masked(vault, opened, *cover) if cover else None
    size = len(data) if data is not None else opened.size
    span = range_of(request.headers.get("range"), size)
    if span is None:
        headers = {"Content-Range": f"bytes */{size}"}
        return Response(None, HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, headers)
    if span[0] == 0:
        await listening.note_heard(
            session,
            found.row,
            {"masked": data is not None, "seconds": found.row.duration_s},
            user_id=who.user_id,
            clock=services.clock,
            action=action,
        )
    body = _part(data, *span) if data is not None else opened.read(*span)
    name = f"{found.row.attempt_id}.opus"
    return _streamed(body, span, size, name, use, asked="range" in request.headers)


def range_of(header: str | None, size: int) -> tuple[int, int] | None:
    """Return the first and last byte asked for; everything without a header we know; None: beyond the end.

    Source: RFC 9110, sections 14.1.2 and 14.2: a range that cannot be read is ignored.
    """
    asked = _RANGE.fullmatch((header or "").replace(" ", ""))
    if asked is None or asked[0] == "bytes=-":
        return 0, size - 1
    begin, end = asked[1], asked[2]
    if not begin:  # the last so many bytes
        return (max(0, size - int(end)), size - 1) if int(end) else None
    first, last = int(begin), min(int(end) if end else size - 1, size - 1)
    return (first, last) if first <= last else None


def _streamed(
    body: AsyncIterator[bytes],
    span: tuple[int, int],
    size: int,
    name: str,
    use: Use,
    *,
    asked: bool,
) -> StreamingResponse:
    first, last = span
    kept = "attachment" if use is Use.DOWNLOAD else "inline"
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Length": str(last - first + 1),
        "Content-Disposition": f'{kept}; filename="{name}"',
        "Cache-Control": "no-store",
    }
    if asked:
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
    code = HTTPStatus.PARTIAL_CONTENT if asked else HTTPStatus.OK
    return StreamingResponse(body, code, headers, media_type=MEDIA_TYPE)


async def _cover(
    session: AsyncSession, services: Services, found: FoundRecording, who: Identity
) -> tuple[list[tuple[float, float]], MaskStyle] | None:
    """Return what is masked for this person; None: everything is heard."""
    marks, style = await markers_for(session, services, found, "")
    return (spans_of(marks), style) if is_masked(who, style, marks) else None


async def _masked(
    vault: Vault, opened: Opened, spans: list[tuple[float, float]], style: MaskStyle
) -> bytes:
    key = (opened.attempt_id, f"{style}{spans}")
    if key not in vault.masked:
        whole = await opened.whole()
        vault.remember(key, await anyio.to_thread.run_sync(masked, whole, spans, style))
    return vault.masked[key]


async def _part(data: bytes, first: int, last: int) -> AsyncIterator[bytes]:
    yield data[first : last + 1]
