"""Ticked rows put away, brought back, or given values: what most buttons of most registers do."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from api.registers.desk import Asked
from campaigns.registers import changing
from campaigns.registers.changing import Done
from campaigns.registers.register import Register
from dialer.errors import Invalid, NotFound

#: Buttons that every register has.
PUT_AWAY, BRING_BACK = "archived", "brought_back"


def ticked(ids: Sequence[UUID]) -> Sequence[UUID]:
    """Return the ticked rows.

    Raises:
        Invalid: there are none.
    """
    if not ids:
        raise Invalid("Tick the rows first, then press the button.")
    return ids


async def put(
    asked: Asked,
    register: Register,
    ids: Sequence[UUID],
    action: str,
    values: Mapping[str, Any] | None = None,
) -> Done:
    """Do what a button says; ``values`` are what rows get, unless it is one of the two usual ones.

    Raises:
        NotFound: there is no such button.
    """
    now = asked.services.clock.now()
    usual = {PUT_AWAY: now, BRING_BACK: None, "disabled": now, "enabled": None}
    if values is None and action not in usual:
        raise NotFound
    given = {register.put_away: usual[action]} if values is None else values
    return await changing.change_rows(
        asked.session,
        register,
        ticked(ids),
        given,
        action,
        who=asked.who,
        clock=asked.services.clock,
    )
