"""The wall's section of the documentation."""

from typing import Any


def section(figures: dict[str, Any]) -> str:
    """Return the figures as a table, with what they were measured on."""
    base, facts = figures["baseline"], figures["machine"]
    rows = [
        ("changes of agents' states a second", "changes_per_s"),
        ("share of one core: the API process", "api_cpu_share"),
        ("share of one core: PostgreSQL, for the wall alone", "postgres_cpu_share"),
        ("commit to browser, p50, ms", "fresh_p50_ms"),
        ("commit to browser, p95, ms", "fresh_p95_ms"),
        ("commit to browser, longest, ms", "fresh_max_ms"),
        ("sent to a viewer, kB/s", "kb_per_s_viewer"),
        ("changes that were over before they could be sent", "missed_changes"),
        ("resident memory of the API, MB", "api_rss_mb"),
    ]
    lines = [
        "## Live wall",
        "",
        f"`make bench-wall`: {figures['agents']} agents who change state as at ten conversations a second,"
        f" {figures['viewers']} viewers of the whole wall on one API process, {figures['seconds']:g}"
        " seconds; 60,000 calls of the day lie behind. From the commit of a change to the moment at which"
        " its event has come to the browser's end of the connection. PostgreSQL's share is what it needs"
        f" beyond the {figures['postgres_quiet_share']} of a core for storing the changes. In the baseline"
        f" {base['name']}.",
        "",
        "| | wall | baseline |",
        "|---|---|---|",
        *(f"| {label} | {figures[key]} | {base[key]} |" for label, key in rows),
        "",
        f"Machine: {facts['cores']} cores, {facts['memory_gb']} GB, {facts['system']}, Python"
        f" {facts['python']}; load before the run {facts['load_1m_before']}.",
    ]
    return "\n".join(lines)
