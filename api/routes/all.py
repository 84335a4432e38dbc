"""Every router of the API, in the order in which paths are looked for."""

from api.routes import (
    agent_steering,
    agents,
    amd,
    attempts,
    callbacks,
    campaigns,
    compliance,
    consents,
    contacts,
    controls,
    dispositions,
    dnc_lists,
    exemptions,
    forms,
    imports,
    interviews,
    knowledge,
    lists,
    manual_dial,
    pacing,
    pacing_forecast,
    previews,
    refresh,
    results,
    scripts,
    segments,
    suppressions,
    why,
)

_PEOPLE = (lists, imports, contacts)
_CAMPAIGNS = (campaigns, dispositions, why, pacing, pacing_forecast, segments, callbacks)
_CALLS = (attempts, results, manual_dial, controls, amd)
_AGENTS = (agents, agent_steering, previews)
_TALKS = (refresh, forms, interviews, scripts, knowledge)
_LAW = (compliance, suppressions, dnc_lists, consents, exemptions)

ROUTERS = tuple(noun.router for noun in (*_PEOPLE, *_CAMPAIGNS, *_CALLS, *_AGENTS, *_TALKS, *_LAW))
