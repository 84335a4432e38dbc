"""The engine bench's section of the documentation."""

from typing import Any


def section(figures: dict[str, Any]) -> str:
    """Return the figures as a table, with what they were measured on."""
    base, small, facts = figures["baseline"], figures["small"], figures["machine"]
    rows = [
        ("originates/s, sustained, one core", "calls_per_s"),
        ("SQL statements per call, BEGIN and COMMIT included", "sql_per_call"),
        ("CPU seconds per call", "cpu_s_per_call"),
        ("share of the core used", "cpu_share"),
        ("resident memory, MB", "rss_mb"),
    ]
    lines = [
        "## Engine",
        "",
        f"`make bench-engine`: {figures['calls']} leads, {figures['agents']} agents, the simulated"
        " Asterisk, PostgreSQL and Redis on the same machine. The baseline is the same worker with"
        f" {base['name']} ({base['calls']} leads). The last column is the engine with"
        f" {small['name']} ({small['calls']} leads): its rate is limited by its agents.",
        "",
        "| | engine | baseline | 10 agents |",
        "|---|---|---|---|",
        *(f"| {label} | {figures[key]} | {base[key]} | {small[key]} |" for label, key in rows),
        "",
        f"Machine: {facts['cores']} cores, {facts['memory_gb']} GB, {facts['system']}, Python"
        f" {facts['python']}; load before the run {facts['load_1m_before']}.",
    ]
    return "\n".join(lines)
