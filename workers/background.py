"""What the background worker does: jobs that are asked for, and sweeps by the clock.

A row is the truth and a job only a hint: for each job there is a sweep that does what a lost one left.
"""

from typing import Any

from arq import cron
from arq.worker import func

from dialer.jobs import JobName
from workers.jobs import deliveries, events, exports
from workers.jobs.dates import keep_dates
from workers.jobs.greetings import sweep_greetings
from workers.jobs.imports import JOB_TIMEOUT_S, import_list, sweep_imports
from workers.jobs.kept_recordings import sweep_kept, sweep_retention
from workers.jobs.old_contacts import sweep_old_contacts
from workers.jobs.pacing import sweep_traces
from workers.jobs.quality import sweep_samples
from workers.jobs.recordings import finish_recording, sweep_recordings
from workers.jobs.reports import JOB_TIMEOUT_S as REPORTS_TIMEOUT_S
from workers.jobs.reports import sweep_reports
from workers.jobs.saved_reports import JOB_TIMEOUT_S as SAVED_REPORTS_TIMEOUT_S
from workers.jobs.saved_reports import sweep_report_files, sweep_saved_reports
from workers.jobs.selections import apply_selections
from workers.jobs.virtual_agents import keep_virtual_agents
from workers.jobs.wall import WATCH_SECONDS, watch_walls

SWEEP_SECONDS = {0, 20, 40}


def functions() -> list[Any]:
    """Return the jobs that are asked for by name."""
    return [
        func(finish_recording, name=JobName.FINISH_RECORDING.value, keep_result=0),
        func(
            import_list,
            name=JobName.IMPORT_LIST.value,
            keep_result=0,
            timeout=JOB_TIMEOUT_S,
        ),
        func(
            exports.make_export,
            name=JobName.MAKE_EXPORT.value,
            keep_result=0,
            timeout=exports.JOB_TIMEOUT_S,
        ),
    ]


def crons() -> list[Any]:
    """Return what is done by the clock (UTC)."""
    return [
        cron(sweep_recordings, second=SWEEP_SECONDS, keep_result=0),
        cron(sweep_kept, second=SWEEP_SECONDS, keep_result=0, timeout=JOB_TIMEOUT_S),
        cron(sweep_retention, minute=23, keep_result=0, timeout=JOB_TIMEOUT_S),
        cron(sweep_samples, minute=set(range(7, 60, 10)), keep_result=0, timeout=JOB_TIMEOUT_S),
        cron(sweep_old_contacts, minute={8, 23, 38, 53}, keep_result=0, timeout=JOB_TIMEOUT_S),
        cron(sweep_greetings, second=SWEEP_SECONDS, keep_result=0),
        cron(keep_virtual_agents, second=set(range(1, 60, 2)), keep_result=0),
        cron(keep_dates, second=set(range(0, 60, 5)), keep_result=0),
        cron(watch_walls, second=WATCH_SECONDS, keep_result=0, max_tries=1),
        cron(sweep_traces, hour=3, minute=17, keep_result=0),
        cron(sweep_reports, second={30}, keep_result=0, timeout=REPORTS_TIMEOUT_S),
        cron(
            sweep_saved_reports,
            second=set(range(5, 60, 10)),
            keep_result=0,
            timeout=SAVED_REPORTS_TIMEOUT_S,
        ),
        cron(sweep_report_files, hour=3, minute=53, keep_result=0),
        cron(
            apply_selections,
            second=set(range(0, 60, 2)),
            keep_result=0,
            timeout=JOB_TIMEOUT_S,
        ),
        cron(sweep_imports, second=SWEEP_SECONDS, keep_result=0, timeout=JOB_TIMEOUT_S),
        cron(
            exports.sweep_exports,
            second=SWEEP_SECONDS,
            keep_result=0,
            timeout=exports.JOB_TIMEOUT_S,
        ),
        cron(
            deliveries.sweep_deliveries,
            second=set(range(0, 60, 5)),
            keep_result=0,
            timeout=deliveries.JOB_TIMEOUT_S,
        ),
        cron(deliveries.sweep_delivery_files, hour=3, minute=41, keep_result=0),
        cron(events.place_events, second=set(range(60)), keep_result=0),
        cron(
            events.sweep_webhooks,
            second=set(range(60)),
            keep_result=0,
            timeout=events.JOB_TIMEOUT_S,
        ),
        cron(events.sweep_old_events, minute=47, keep_result=0, timeout=events.JOB_TIMEOUT_S),
    ]
