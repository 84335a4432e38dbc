"""Export: what became of a campaign's leads, as one CSV row each."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import sqlmodel
from sqlalchemy import Select, func, select, true
from sqlmodel import col
from sqlmodel.ext.asyncio.session import AsyncSession

from campaigns.agents.models import Agent, AgentSession
from campaigns.leads.models import Attempt, Lead
from campaigns.lists.columns.cells import guarded
from campaigns.lists.models import Contact, ContactList
from campaigns.models import Campaign, CampaignList
from dialer.errors import NotFound

#: Our columns, after the client's own.
RESULT_COLUMNS = (
    "dialled_phone",
    "attempts",
    "last_outcome",
    "result",
    "disposition",
    "agent",
    "answered_at",
    "talk_s",
    "recording",
)
#: Rows fetched from the server at a time.
_FETCH_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What was written."""

    rows: int  #: leads, without the headings
    sha256: str  #: of the whole file, in hexadecimal


class DigestingFile:
    """Takes text, digests its UTF-8 and writes it on."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self.digest = hashlib.sha256()

    def write(self, text: str) -> int:
        """Write text as UTF-8 and return its bytes."""
        data = text.encode()
        self.digest.update(data)
        return self._target.write(data)


async def export_results(
    session: AsyncSession,
    campaign_id: UUID,
    *,
    client_id: UUID,
    out: IO[bytes] | Path,
    bom: bool = True,
    separator: str = ",",
) -> ExportSummary:
    """Write one CSV row per lead: the client's own columns in their order, then ours.

    The facts of a call are those of the lead's last attempt; ``talk_s`` is in seconds from agent to
    hang-up, instants are UTC in ISO 8601. Leads are streamed in the order of their lists and rows. A
    file given by its path appears only when it is complete.

    No cell is run by a spreadsheet: what begins like a formula gets an apostrophe. Numbers such as
    ``+79430001234`` do not, see :func:`campaigns.lists.columns.cells.guarded`.

    Args:
        session: a session of the caller; nothing is changed in it.
        campaign_id: whose leads.
        client_id: who asks.
        out: an open binary file, or where to make one.
        bom: begin with the byte order mark without which Excel misreads UTF-8.
        separator: between cells; Excel in Russian and Ukrainian wants ``;``.

    Raises:
        NotFound: the campaign does not exist or belongs to another client.
    """
    campaign = await session.get(Campaign, campaign_id)
    if campaign is None or campaign.client_id != client_id:
        raise NotFound("There is no such campaign here.")
    own = await _own_columns(session, campaign_id)
    rows = 0
    with opened(out) as target:
        file = DigestingFile(target)
        file.write("\ufeff" if bom else "")
        writer = csv.writer(file, delimiter=separator)
        writer.writerow([guarded(name) for name in [*own, *_distinct_from(own)]])
        leads = await session.stream(
            _leads(campaign_id, client_id), execution_options={"yield_per": _FETCH_ROWS}
        )
        async for fields, *facts in leads:
            cells = [*map(fields.get, own), *facts]
            writer.writerow([guarded(text_of(cell)) for cell in cells])
            rows += 1
    return ExportSummary(rows, file.digest.hexdigest())


async def _own_columns(session: AsyncSession, campaign_id: UUID) -> list[str]:
    """Return the columns of the campaign's lists, each once, older lists first."""
    lists = await session.exec(
        sqlmodel.select(ContactList.columns)
        .join(CampaignList, col(CampaignList.list_id) == col(ContactList.id))
        .where(col(CampaignList.campaign_id) == campaign_id)
        .order_by(col(ContactList.id))
    )
    return list(dict.fromkeys(name for columns in lists for name in columns))


def _leads(campaign_id: UUID, client_id: UUID) -> Select[Any]:
    """Select the client's fields and then :data:`RESULT_COLUMNS`, in their order."""
    last = (
        select(Attempt)
        .where(col(Attempt.lead_id) == Lead.id)
        .order_by(col(Attempt.started_at).desc(), col(Attempt.id).desc())
        .limit(1)
        .lateral("last")
    )
    return (
        select(
            col(Contact.fields),
            last.c.e164,
            col(Lead.attempts_made),
            col(Lead.last_outcome),
            col(Lead.result),
            last.c.disposition,
            col(Agent.name),
            last.c.answered_at,
            func.coalesce(last.c.left_at, last.c.ended_at) - last.c.connected_at,
            last.c.recording,
        )
        .select_from(Lead)
        .join(Contact, col(Contact.id) == Lead.contact_id)
        .outerjoin(last, true())
        .outerjoin(AgentSession, col(AgentSession.id) == last.c.agent_session_id)
        .outerjoin(Agent, col(Agent.id) == AgentSession.agent_id)
        .where(col(Lead.campaign_id) == campaign_id, col(Lead.client_id) == client_id)
        .order_by(col(Contact.list_id), col(Contact.source_row))
    )


def text_of(value: Any) -> str:
    """Return a value as it stands in the file; nothing for what is not known."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return f"{value.total_seconds():.1f}"
    return str(value)


def _distinct_from(own: Sequence[str]) -> list[str]:
    """Return our headings; one that the client has already is marked as ours."""
    return [f"outdial_{name}" if name in own else name for name in RESULT_COLUMNS]


@contextmanager
def opened(out: IO[bytes] | Path) -> Iterator[IO[bytes]]:
    """Open a path under another name until all is written; leave an open file as it is."""
    if not isinstance(out, Path):
        yield out
        return
    part = out.with_name(f"{out.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
