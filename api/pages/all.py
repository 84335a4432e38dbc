"""Every router of the pages, in the order in which paths are looked for: what is asked most comes first."""

from api.pages import (
    account,
    actions,
    audit,
    campaigns,
    desk,
    desk_callbacks,
    desk_calls,
    desk_controls,
    desk_dial,
    desk_knowledge,
    desk_notice,
    desk_previews,
    desk_script,
    desk_stream,
    desk_writing,
    form_builder,
    form_files,
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
    lists,
    machines,
    pacing,
    phone,
    script_editing,
    scripts,
    sign_in,
    sign_in_steps,
    stream,
    users,
    why,
)

_OWN = (sign_in, sign_in_steps, account, users, audit, phone)
_DESK = (desk, desk_stream, desk_writing, desk_calls, desk_callbacks, desk_previews)
_TALK = (desk_controls, desk_dial, desk_notice, interview, desk_script, desk_knowledge)
_CAMPAIGNS = (campaigns, why, pacing, machines, actions, stream)
_LISTS = (lists, imports, import_actions, law)
_FORMS = (forms, form_files, form_builder, form_steps, form_versions, form_trials)
_SAID = (scripts, script_editing, knowledge, knowledge_editing)

ROUTERS = tuple(
    page.router for page in (*_DESK, *_TALK, *_OWN, *_CAMPAIGNS, *_LISTS, *_FORMS, *_SAID)
)
