"""Samples for acceptance: drawn by the client, heard, accepted or disputed; what they say of all."""

import csv
from http import HTTPStatus
from io import StringIO
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form
from fastapi.responses import RedirectResponse, Response

from api import delivery_words
from api.languages import language_of
from api.pages.asked import Asked, AskedByClientDep
from api.pages.knowledge import campaign_names
from api.templating import render, translate
from campaigns.delivery.deliveries.words import DisputeReason
from campaigns.lists.columns.cells import guarded
from campaigns.portal import judging, sampled, sampling, settings
from campaigns.portal.models import AcceptanceSample
from campaigns.tenancy.audit import trace
from dialer.errors import NotFound, OutdialError

router = APIRouter(prefix="/portal/samples")

_Said = Annotated[str, Form(max_length=2000)]


@router.get("", name="portal_samples")
async def portal_samples(asked: AskedByClientDep) -> Response:
    """Show the client's samples, and the form for another one."""
    return await _list(asked)


async def _list(asked: Asked, problem: OutdialError | None = None) -> Response:
    client_id = asked.who.client_id
    return render(
        asked.request,
        "portal/samples.html",
        http_code=HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
        who=asked.who,
        rows=await sampling.samples_of(asked.session, client_id),
        campaigns=await campaign_names(asked.session, client_id),
        chosen=asked.request.query_params.get("campaign", ""),
        problem=asked.words_of(problem) if problem else "",
        path="/portal/samples",
    )


@router.post("", name="portal_draw_sample")
async def portal_draw_sample(
    asked: AskedByClientDep,
    campaign_id: Annotated[UUID, Form()],
    percent: Annotated[int, Form(ge=1, le=100)],
    seed: Annotated[str, Form(max_length=sampling.MOST_SEED)] = "",
    delivery_id: Annotated[UUID | None, Form()] = None,
) -> Response:
    """Draw a part of a campaign's or delivery's results."""
    try:
        row = await sampling.draw(
            asked.session,
            campaign_id,
            percent,
            seed=seed,
            delivery_id=delivery_id,
            client_id=asked.who.client_id,
            user_id=asked.who.user_id,
            clock=asked.services.clock,
        )
    except OutdialError as problem:
        if isinstance(problem, NotFound):
            raise
        await asked.session.rollback()
        return await _list(asked, problem)
    return RedirectResponse(f"/portal/samples/{row.id}", HTTPStatus.SEE_OTHER)


@router.get("/{sample_id}", name="portal_sample")
async def portal_sample(sample_id: UUID, asked: AskedByClientDep) -> Response:
    """Show one sample: each result with its recording, and what the sample says of all."""
    return await _show(asked, sample_id)


@router.post("/{sample_id}/results/{lead_id}", name="portal_judge_sampled")
async def portal_judge_sampled(
    sample_id: UUID, lead_id: UUID, asked: AskedByClientDep, reason: _Said = "", comment: _Said = ""
) -> Response:
    """Accept one drawn result, or dispute it when a reason is given."""
    sample = await _find(asked, sample_id)
    why = DisputeReason(reason) if reason in set(DisputeReason) else None
    try:
        await judging.judge(asked.session, sample, lead_id, why, comment, **_by(asked))
    except OutdialError as problem:
        return await _refused(asked, sample_id, problem)
    return RedirectResponse(f"/portal/samples/{sample_id}#result-{lead_id}", HTTPStatus.SEE_OTHER)


@router.post("/{sample_id}/finish", name="portal_finish_sample")
async def portal_finish_sample(sample_id: UUID, asked: AskedByClientDep) -> Response:
    """Let the sample's result stand."""
    sample = await _find(asked, sample_id)
    try:
        await judging.finish(asked.session, sample, **_by(asked))
    except OutdialError as problem:
        return await _refused(asked, sample_id, problem)
    return RedirectResponse(f"/portal/samples/{sample_id}", HTTPStatus.SEE_OTHER)


@router.get("/{sample_id}/report.csv", name="portal_sample_report")
async def portal_sample_report(sample_id: UUID, asked: AskedByClientDep) -> Response:
    """Return the sample with all verdicts as text; cells that a spreadsheet would run are guarded."""
    sample = await sampling.find(asked.session, sample_id, client_id=asked.who.client_id)
    lines = await sampled.lines_of(asked.session, sample)
    language, out = language_of(asked.request), StringIO()
    writer = csv.writer(out)
    writer.writerow(
        ["place", "list", "row", "key", "result", "verdict", "reason", "comment", "answer"]
    )
    for one in lines:
        verdict = translate(language, delivery_words.VERDICTS[one.verdict]) if one.verdict else ""
        reason = translate(language, delivery_words.DISPUTES[one.reason]) if one.reason else ""
        said = [one.external_key or "", one.result, verdict, reason, one.comment, one.answer]
        writer.writerow([one.place, guarded(one.list), one.row, *map(guarded, said)])
    facts = {"rows": len(lines)}
    await trace(asked.session, sample, "sample.downloaded", facts, **_by(asked))
    headers = {"Content-Disposition": f'attachment; filename="sample-{sample.id}.csv"'}
    body = out.getvalue().encode("utf-8-sig")
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


async def _find(asked: Asked, sample_id: UUID) -> AcceptanceSample:
    return await sampling.find(asked.session, sample_id, client_id=asked.who.client_id, lock=True)


def _by(asked: Asked) -> dict[str, Any]:
    return {"user_id": asked.who.user_id, "clock": asked.services.clock}


async def _refused(asked: Asked, sample_id: UUID, problem: OutdialError) -> Response:
    if isinstance(problem, NotFound):
        raise problem
    await asked.session.rollback()
    return await _show(asked, sample_id, problem)


async def _show(asked: Asked, sample_id: UUID, problem: OutdialError | None = None) -> Response:
    session, client_id = asked.session, asked.who.client_id
    row = await sampling.find(session, sample_id, client_id=client_id)
    lines = await sampled.lines_of(session, row)
    hears = (await settings.settings_of(session, client_id, clock=asked.services.clock)).hears
    return render(
        asked.request,
        "portal/sample.html",
        http_code=HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
        who=asked.who,
        row=row,
        lines=lines,
        open=sum(one.verdict is None for one in lines),
        found=sampled.estimate_of(row, lines),
        hears=hears,
        campaigns=await campaign_names(session, client_id),
        words=delivery_words,
        disputes=DisputeReason,
        problem=asked.words_of(problem) if problem else "",
        path=f"/portal/samples/{sample_id}",
    )
