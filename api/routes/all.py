"""Every router of the API, in the order in which paths are looked for."""

from api.routes import (
    agent_steering,
    agents,
    amd,
    attempts,
    callbacks,
    campaign_setup,
    campaigns,
    compliance,
    consents,
    contacts,
    controls,
    corrections,
    crosstabs,
    deliveries,
    delivery_plans,
    dispositions,
    dnc_lists,
    events,
    exemptions,
    exports,
    forms,
    imports,
    interviews,
    knowledge,
    law_changes,
    lists,
    manual_dial,
    pacing,
    pacing_forecast,
    portal_requests,
    portal_samples,
    portal_uploads,
    previews,
    quality,
    quality_disputes,
    quality_plans,
    recordings,
    refresh,
    registers,
    report_schedules,
    reports,
    results,
    saved_reports,
    scripts,
    segments,
    supervising,
    suppressions,
    sync,
    webhooks,
    why,
)

_PEOPLE = (lists, imports, contacts)
_CAMPAIGNS = (
    campaign_setup,
    campaigns,
    dispositions,
    why,
    pacing,
    pacing_forecast,
    segments,
    callbacks,
)
_QUALITY = (quality, quality_plans, quality_disputes)
_CALLS = (
    attempts,
    corrections,
    results,
    exports,
    manual_dial,
    controls,
    amd,
    recordings,
    *_QUALITY,
)
_AGENTS = (agents, agent_steering, previews, supervising)
_TALKS = (refresh, forms, interviews, scripts, knowledge)
_DELIVERIES = (deliveries, delivery_plans, events, webhooks, sync)
_PORTAL = (portal_requests, portal_uploads, portal_samples)
_FIGURES = (crosstabs, report_schedules, saved_reports, reports, registers)
_LAW = (compliance, suppressions, dnc_lists, consents, exemptions, law_changes)

ROUTERS = tuple(
    noun.router
    for noun in (
        *(*_PEOPLE, *_CAMPAIGNS, *_CALLS, *_AGENTS, *_TALKS),
        *(*_DELIVERIES, *_PORTAL, *_LAW, *_FIGURES),
    )
)
