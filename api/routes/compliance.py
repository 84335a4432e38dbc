"""The law: rules with their sources, what-if questions, evidence."""

import json
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import IO, Annotated
from zipfile import ZIP_DEFLATED, ZipFile

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlmodel.ext.asyncio.session import AsyncSession

from api.auth import AskerDep, ManagerDep
from api.deps import ClockDep, LawDep, SessionDep
from api.errors import problems
from api.schemas.compliance import CheckIn, CheckOut, Number, RuleOut
from campaigns.law import evidence
from campaigns.law.evidence import EvidenceFormat, Scope
from campaigns.law.whatif import Question, check
from campaigns.law.wording import applies_to, effective, what
from campaigns.tenancy import audit
from campaigns.tenancy.tokens import Identity
from compliance.rulebook.rules import Purpose, Rule
from dialer import phone
from dialer.clock import Clock
from dialer.errors import Forbidden, Invalid, Unauthenticated
from dialer.phone import InvalidPhone

_CHUNK_BYTES = 64 * 1024
#: Evidence larger than this waits on the disk, not in memory.
_IN_MEMORY_BYTES = 8 * 1024 * 1024

router = APIRouter(
    prefix="/compliance", tags=["compliance"], responses=problems(Unauthenticated, Forbidden)
)


@router.get("/rules")
async def list_rules(
    who: AskerDep,
    law: LawDep,
    jurisdiction: Annotated[str | None, Query(max_length=10)] = None,
    purpose: Purpose | None = None,
) -> list[RuleOut]:
    """Return the rules of the packs, those of a place and of calls for a purpose when asked for."""
    del who
    return [
        _shown(rule)
        for rule in law.book.rules
        if (jurisdiction is None or applies_to(rule, jurisdiction))
        and (purpose is None or purpose in rule.purposes)
    ]


def _shown(rule: Rule) -> RuleOut:
    return RuleOut(
        id=rule.id,
        jurisdiction=rule.jurisdiction,
        kind=rule.kind,
        what=what(rule),
        source=rule.source,
        verified=rule.verified,
        url=rule.url,
        note=rule.note,
        effective=effective(rule),
        effective_from=rule.effective_from,
        effective_to=rule.effective_to,
        purposes=sorted(rule.purposes),
        channels=sorted(rule.channels),
        parties=sorted(rule.parties),
        lifted_by=sorted(rule.lifted_by),
    )


@router.post("/check", responses=problems(InvalidPhone))
async def check_number(body: CheckIn, who: AskerDep, law: LawDep, clock: ClockDep) -> CheckOut:
    """Ask whether a number may be dialled, by the law alone; what is assumed is listed."""
    del who
    question = Question(
        e164=phone.parse(body.number, "ZZ").e164,
        purpose=body.purpose,
        channel=body.channel,
        at=body.at or clock.now(),
        party=body.party,
        region=body.region,
        zone=body.zone,
        postal_code=body.postal_code,
        consents=tuple(body.consents),
        operator_contract=body.operator_contract,
        emergencies=frozenset(body.emergencies),
        ring_timeout_s=body.ring_timeout_s,
    )
    return CheckOut(**check(law, question))


class EvidenceFilters(BaseModel):
    """A number, or a period, or both."""

    model_config = ConfigDict(extra="forbid")

    number: Number | None = None
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    format: EvidenceFormat = EvidenceFormat.JSONL


@router.get(
    "/evidence", response_class=StreamingResponse, responses=problems(Invalid, InvalidPhone)
)
async def download_evidence(
    who: ManagerDep,
    session: SessionDep,
    law: LawDep,
    clock: ClockDep,
    filters: Annotated[EvidenceFilters, Query()],
) -> StreamingResponse:
    """Return a zip file: what was decided about a number or in a period, and its manifest.

    The file is complete before its first byte is sent.
    """
    e164 = phone.parse(filters.number, "ZZ").e164 if filters.number else None
    scope = Scope(who.client_id, e164, filters.since, filters.until)
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES))
        with ZipFile(file, "w", ZIP_DEFLATED) as archive:
            with archive.open(f"evidence.{filters.format}", "w", force_zip64=True) as out:
                manifest = await evidence.write_evidence(
                    session, scope, out, law=law, clock=clock, form=filters.format
                )
            archive.writestr("manifest.json", json.dumps(manifest, indent=1, ensure_ascii=False))
        await _note_download(session, who, clock, filters, manifest["sha256"])
        stack.pop_all()  # the stream closes it
    headers = {
        "Content-Disposition": f'attachment; filename="evidence-{_day(clock.now())}.zip"',
        "Content-Length": str(file.seek(0, 2)),
        "X-Content-SHA256": manifest["sha256"],
    }
    return StreamingResponse(_chunks(file), media_type="application/zip", headers=headers)


async def _note_download(
    session: AsyncSession, who: Identity, clock: Clock, filters: EvidenceFilters, sha256: str
) -> None:
    facts = {
        "one_number": filters.number is not None,
        "since": filters.since.isoformat() if filters.since else None,
        "until": filters.until.isoformat() if filters.until else None,
        "sha256": sha256,
    }
    await audit.record(
        session,
        client_id=who.client_id,
        user_id=who.user_id,
        at=clock.now(),
        action="evidence.downloaded",
        subject="client",
        subject_id=who.client_id,
        facts=facts,
    )


def _day(at: datetime) -> str:
    return at.date().isoformat()


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
