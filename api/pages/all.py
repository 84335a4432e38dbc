"""Every router of the pages, in the order in which paths are looked for: what is asked most comes first."""

from api.pages import (
    account,
    actions,
    audit,
    campaign_setup,
    campaigns,
    clients,
    crosstabs,
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
    recording,
    recordings,
    report_links,
    report_settings,
    reports,
    saved_report_editing,
    saved_report_steps,
    saved_reports,
    script_editing,
    scripts,
    setup_checks,
    setup_steps,
    sign_in,
    sign_in_steps,
    stream,
    supervise,
    user,
    users,
    wall,
    wall_alarms,
    wall_choices,
    wall_screens,
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
_LISTS = (lists, imports, import_actions, law, recordings, recording)
_DELIVERIES = (deliveries, delivery_plans, delivery_progress, delivery_links)
_FORMS = (forms, form_files, form_builder, form_steps, form_records, form_versions, form_trials)
_SAVED = (saved_report_editing, saved_report_steps, saved_reports, report_links)
_REPORTS = (crosstabs, *_SAVED, report_settings, reports)
_SAID = (scripts, script_editing, knowledge, knowledge_editing)

ROUTERS = tuple(
    page.router
    for page in (
        *(*_DESK, *_TALK, *_SUPERVISING, *_OWN),
        *(*_WALL, *_CAMPAIGNS, *_LISTS, *_FORMS, *_SAID, *_DELIVERIES, *_REPORTS),
    )
)
