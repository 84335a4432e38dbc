"""Lists, forms and scripts put away together, or brought back: nothing is deleted, and it can be undone."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.registers.desk import Asked, AskedToChangeDep, AskedToSteerDep
from api.registers.paths import PATHS
from api.registers.putting import BRING_BACK, PUT_AWAY, put
from campaigns.registers.register import Register
from campaigns.registers.registers import FORMS, LISTS, SCRIPTS
from dialer.errors import NotFound

router = APIRouter()


@router.post("/lists/chosen/{action}")
async def change_lists(action: str, asked: AskedToChangeDep) -> Response:
    """Put the ticked lists away, or bring them back."""
    return await _put(asked, LISTS, action)


@router.post("/forms/chosen/{action}")
async def change_forms(action: str, asked: AskedToChangeDep) -> Response:
    """Put the ticked forms away, or bring them back."""
    return await _put(asked, FORMS, action)


@router.post("/scripts/chosen/{action}")
async def change_scripts(action: str, asked: AskedToSteerDep) -> Response:
    """Put the ticked scripts away, or bring them back."""
    return await _put(asked, SCRIPTS, action)


async def _put(asked: Asked, register: Register, action: str) -> Response:
    """Do it; what cannot be put away is told on a page of its own, with the campaigns that need it."""
    if action not in (PUT_AWAY, BRING_BACK):
        raise NotFound
    _, ids = await asked.form()
    path = PATHS[register.code]
    if not ids:
        return asked.back(path, "ticked")
    done = await put(asked, register, ids, action)
    return asked.back(path, "" if done.step else "nothing", done)
