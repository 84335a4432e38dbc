"""Every router of the pages, in the order in which paths are looked for: what is asked most comes first."""

from api.pages import (
    account,
    actions,
    audit,
    call,
    caller_numbers,
    campaign_setup,
    campaigns,
    client_requests,
    clients,
    crosstabs,
    days_off,
    deliveries,
    delivery_links,
    delivery_plans,
    delivery_progress,
    desk,
    desk_callbacks,
    desk_calls,
    desk_controls,
    desk_dial,
    desk_knowledge,
    desk_messages,
    desk_notice,
    desk_previews,
    desk_script,
    desk_stream,
    desk_writing,
    disposition_sets,
    events,
    export_layouts,
    exports,
    form_builder,
    form_files,
    form_records,
    form_steps,
    form_trials,
    form_versions,
    forms,
    import_actions,
    imports,
    interview,
    knowledge,
    knowledge_editing,
    law,
    law_changes,
    listen,
    listen_phone,
    lists,
    look,
    machines,
    pacing,
    phone,
    portal,
    portal_deliveries,
    portal_lists,
    portal_recordings,
    portal_reports,
    portal_requests,
    portal_samples,
    put_away,
    quality_board,
    quality_calibrations,
    quality_calls,
    quality_disputes,
    quality_plans,
    quality_scorecards,
    recording,
    recordings,
    report_charts,
    report_links,
    report_settings,
    reports,
    retention,
    retry_sets,
    saved_report_editing,
    saved_report_steps,
    saved_reports,
    scores,
    script_editing,
    scripts,
    setup_checks,
    setup_steps,
    sign_in,
    sign_in_steps,
    stream,
    supervise,
    trunks,
    undo,
    user,
    users,
    wall,
    wall_alarms,
    wall_choices,
    wall_screens,
    webhook,
    why,
    work,
)

_OWN = (sign_in, sign_in_steps, account, work, clients, look, users, user, audit, phone)
_DESK = (desk, desk_stream, desk_writing, desk_calls, desk_callbacks, desk_previews)
_SUPERVISING = (supervise, listen_phone, listen, desk_messages)
_TALK = (desk_controls, desk_dial, desk_notice, interview, desk_script, desk_knowledge)
_SETUP = (campaign_setup, setup_checks, setup_steps, law_changes)
_CAMPAIGNS = (*_SETUP, campaigns, why, pacing, machines, exports, export_layouts, actions, stream)
_WALL = (wall_alarms, wall_screens, wall_choices, wall)
_LISTS = (put_away, lists, imports, import_actions, law, recordings, recording)
_DELIVERIES = (deliveries, delivery_plans, delivery_progress, delivery_links, events, webhook)
_FORMS = (forms, form_files, form_builder, form_steps, form_records, form_versions, form_trials)
_REGISTERS = (trunks, caller_numbers, days_off, disposition_sets, retry_sets, retention, undo)
_SAVED = (saved_report_editing, saved_report_steps, saved_reports, report_links)
_REPORTS = (crosstabs, *_SAVED, report_settings, report_charts, reports)
_QUALITY = (
    call,
    *(quality_calls, quality_scorecards, quality_plans, quality_disputes),
    *(quality_calibrations, quality_board, scores),
)
_PORTAL_FILES = (portal, portal_deliveries, portal_lists, portal_recordings)
_PORTAL = (*_PORTAL_FILES, portal_reports, portal_requests, portal_samples, client_requests)
_SAID = (scripts, script_editing, knowledge, knowledge_editing)

ROUTERS = tuple(
    page.router
    for page in (
        *(*_DESK, *_TALK, *_SUPERVISING, *_OWN),
        *(*_WALL, *_CAMPAIGNS, *_LISTS, *_FORMS, *_SAID, *_DELIVERIES, *_REPORTS),
        *(*_REGISTERS, *_QUALITY, *_PORTAL),
    )
)
