"""The one button that takes back what was just done in a register."""

from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from api.registers.desk import AskedDep
from api.registers.paths import PATHS
from campaigns.registers import changing
from campaigns.registers.registers import REGISTERS

router = APIRouter(prefix="/undo")


@router.post("/{step_id}")
async def undo_step(step_id: UUID, asked: AskedDep) -> Response:
    """Take a step back, if the person's role may do what it was, and lead back to its list.

    A step that cannot be taken back any more answers with a page that says why.
    """
    step = await changing.find_step(asked.session, step_id, client_id=asked.who.client_id)
    register = REGISTERS[step.register_code]
    done = await changing.undo(
        asked.session, register, step, who=asked.who, clock=asked.services.clock
    )
    asked.told(done)
    return asked.back(PATHS[register.code], "undone")
