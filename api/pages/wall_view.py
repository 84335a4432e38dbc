"""What the wall's pages are given: words for the scripts, measures, who sees what."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request

from api import labels
from api.deps import services_of
from api.desk_words import PAUSES
from api.labels import mark
from api.templating import translate
from api.wall.counted import SHOWN
from api.wall.walls import Walls
from campaigns.reports.measures import MEASURES

#: What the wall's scripts say, by the name they know it under.
SCRIPT_WORDS = {
    "seconds": mark("s"),
    "unselected": mark("not selected"),
    "forced": mark("by a supervisor"),
    "alone": mark("the customer hears nobody"),
    "too_long": mark("too long"),
    "grave": mark("Alarm"),
    "mild": mark("Notice"),
    "seen": mark("seen by %(who)s"),
    "lost": mark("The connection is lost; the figures are those of %(at)s. Connecting again…"),
    "old": mark("The server cannot read its tables; the figures are those of %(at)s."),
    "over": mark(
        "The sign-in has ended; the figures are those of %(at)s. Sign in on this screen again."
    ),
}
_THEN = {"paused": mark("then a break"), "offline": mark("then the end of the shift")}


def walls_of(request: Request) -> Walls:
    """Return the process's walls."""
    state = request.app.state
    if not hasattr(state, "walls"):
        state.walls = Walls(services_of(request))
    walls: Walls = state.walls
    return walls


def script_words(language: str) -> str:
    """Return the words of the scripts in a language, as JSON."""

    def said(words: Mapping[Any, str]) -> dict[str, str]:
        return {str(key): translate(language, words[key]) for key in words}

    return json.dumps(
        {
            **said(SCRIPT_WORDS),
            "then": said(_THEN),
            "states": said({key.value: text for key, text in labels.AGENT_STATES.items()}),
            "campaigns": said({key.value: text for key, text in labels.CAMPAIGN_STATES.items()}),
            "pauses": said(PAUSES),
        },
        ensure_ascii=False,
    )


def wall_context(
    language: str, address: str, chosen: Sequence[UUID], **more: str
) -> dict[str, Any]:
    """Return what ``wall/_card.html`` and the scripts need; ``address`` is that of the stream."""
    asked = [("campaign", str(one)) for one in chosen] + list(more.items())
    return {
        "stream": f"{address}?{urlencode(asked)}" if asked else address,
        "words": script_words(language),
        "measures": MEASURES,
        "shown": SHOWN,
    }
