"""Shared sets of dispositions: kept once, given to campaigns as copies."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from api.registers import sets
from api.registers.desk import AskedDep, AskedToChangeDep, WantedDep
from campaigns.registers.models import SetKind

router = APIRouter(prefix="/disposition-sets")

_KIND = SetKind.DISPOSITIONS


@router.get("")
async def disposition_sets_page(asked: AskedDep, wanted: WantedDep) -> Response:
    """Show the client's sets of dispositions."""
    return await sets.show_sets(asked, _KIND, wanted)


@router.post("")
async def make_disposition_set(asked: AskedToChangeDep) -> Response:
    """Make a set of a preset, or of what a campaign has."""
    return await sets.make(asked, _KIND)


@router.post("/chosen/{action}")
async def change_disposition_sets(action: str, asked: AskedToChangeDep) -> Response:
    """Put the ticked sets away, or bring them back."""
    return await sets.change_chosen(asked, _KIND, action)


@router.get("/{set_id}")
async def disposition_set_page(set_id: UUID, asked: AskedDep) -> Response:
    """Show one set."""
    return await sets.show_set(asked, _KIND, set_id)


@router.post("/{set_id}")
async def rename_disposition_set(set_id: UUID, asked: AskedToChangeDep) -> Response:
    """Give a set another name."""
    return await sets.rename(asked, _KIND, set_id)


@router.post("/{set_id}/table")
async def save_disposition_set(set_id: UUID, asked: AskedToChangeDep) -> Response:
    """Save the table of a set."""
    return await sets.save_table(asked, _KIND, set_id)


@router.post("/{set_id}/give")
async def give_disposition_set(set_id: UUID, asked: AskedToChangeDep) -> Response:
    """Give the ticked campaigns a copy of a set."""
    return await sets.give(asked, _KIND, set_id)
