"""The gate is asked by the law of whoever dials: a mode that changes in a turn ends the turn."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from campaigns.settings import CampaignSettings
from dialer.pacing.policy import PacingMode
from workers.dialing.last_look import LastLook, ModeChanged


class _Drawing:
    """Settings become others while the facts are read."""

    def __init__(self, before: PacingMode, after: PacingMode) -> None:
        self.settings = CampaignSettings(mode=before)
        self._after = after

    async def people(self, _session: Any, _candidates: Any) -> dict[Any, Any]:
        self.settings = CampaignSettings(mode=self._after)
        return {}

    def answer(self, *_: Any) -> str:
        return "answered"

    caller_id_terms = message_leave = answer


@pytest.mark.parametrize("agents_dial", [False, True])
@pytest.mark.parametrize("to_preview", [False, True])
async def test_no_call_is_cleared_by_the_law_of_another_mode(
    agents_dial: bool, to_preview: bool
) -> None:
    modes = (PacingMode.PREDICTIVE, PacingMode.PREVIEW)
    drawing: Any = _Drawing(modes[agents_dial], modes[to_preview])
    nothing: Any = None
    now = datetime(2026, 11, 20, 12, tzinfo=UTC)
    look = LastLook(drawing, nothing, nothing, now, agents_dial=agents_dial)
    lead: Any = SimpleNamespace(lead_id="lead")
    if agents_dial is to_preview:
        answers: Any = await look.ask([lead])
        assert answers == {"lead": "answered"}
    else:
        with pytest.raises(ModeChanged):
            await look.ask([lead])
