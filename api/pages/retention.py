"""Retention: how long recordings, files and contacts of the client are kept, and what goes next."""

from fastapi import APIRouter
from fastapi.responses import Response

from api.auth import Permission, may
from api.labels import mark
from api.registers.desk import Asked, AskedDep, AskedToChangeDep
from api.registers.sheet import code_of
from api.templating import render
from campaigns.registers import keeping
from campaigns.registers.keeping import Wish
from campaigns.registers.models import Kept
from campaigns.registers.wishes import BadFields
from dialer.errors import OutdialError

router = APIRouter(prefix="/retention")

#: By sort of things: its name, and what going means.
WORDS = {
    keeping.RECORDINGS: (
        mark("Recordings"),
        mark(
            "Counted from the end of the call. Where a law wants one kept longer, it stays longer;"
            " one in dispute stays."
        ),
    ),
    Kept.EXPORTS.value: (
        mark("Files of exports"),
        mark("Counted from when the file was made. It can be made again at any time."),
    ),
    Kept.ORIGINALS.value: (
        mark("Uploaded files"),
        mark(
            "Counted from the upload. Without its file a list cannot be given back refreshed in its own"
            " format."
        ),
    ),
    Kept.CONTACTS.value: (
        mark("Contacts"),
        mark(
            "Counted from the import, or the last call if that is later. The person is erased everywhere,"
            " as on request; figures stay. Who is in a younger list, waits for a call, or gave a consent that"
            " a law wants proven, stays."
        ),
    ),
    keeping.DELIVERIES: (
        mark("Files of deliveries"),
        mark("Each plan of deliveries says how long; the shortest one is shown."),
    ),
}


@router.get("")
async def retention_page(asked: AskedDep) -> Response:
    """Show how long things are kept."""
    return await _show(asked)


async def _show(
    asked: Asked, problem: OutdialError | None = None, given: dict[str, str] | None = None
) -> Response:
    law = asked.services.law.book.rules
    lines = await keeping.lines(asked.session, asked.who.client_id, law, clock=asked.services.clock)
    return render(
        asked.request,
        "registers/retention.html",
        http_code=code_of(problem),
        path="/retention",
        who=asked.who,
        lines=lines,
        words=WORDS,
        given=given or {},
        problems=problem.problems if isinstance(problem, BadFields) else {},
        problem=asked.words_of(problem) if problem else "",
        can_change=may(asked.who, Permission.CHANGE),
        **await asked.flash(),
    )


@router.post("")
async def save_retention(asked: AskedToChangeDep) -> Response:
    """Keep the client's wishes; jobs follow at their next turn."""
    given, _ = await asked.form()
    try:
        wish = Wish.read(given)
        await keeping.save(asked.session, wish, who=asked.who, clock=asked.services.clock)
    except BadFields as wrong:
        return await _show(asked, wrong, given)
    return asked.back("/retention", "kept")
