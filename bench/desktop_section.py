"""The desktop bench's section of the documentation."""

from typing import Any


def section(figures: dict[str, Any]) -> str:
    """Return the figures as a table, with what they were measured on."""
    base, facts = figures["baseline"], figures["machine"]
    rows = [
        ("calls a second", "calls_per_s"),
        ("bridge to card, p50, ms", "screen_pop_p50_ms"),
        ("bridge to card, p95, ms", "screen_pop_p95_ms"),
        ("bridge to card, longest, ms", "screen_pop_max_ms"),
        ("agent chosen to card, p95, ms", "card_after_reserved_p95_ms"),
        ("share of cards that were there before the bridge", "before_the_bridge"),
        ("share of one core that the API uses", "api_cpu_share"),
        ("resident memory of the API, MB", "api_rss_mb"),
        ("sent to the browsers, kB a call", "kb_per_call"),
    ]
    lines = [
        "## Desktop",
        "",
        f"`make bench-desktop`: {figures['agents']} operators' streams on one API process,"
        f" {figures['calls']} calls in a minute, each with its result saved; the dialing worker, the"
        " simulated Asterisk, PostgreSQL, Redis and the browsers' end on the same machine. From the"
        " moment at which customer and agent are in one bridge to the moment at which the card's HTML"
        " has come through; the browser's own drawing is not in it. A card that was there before the"
        f" bridge counts as 0. The baseline is {base['name']}.",
        "",
        "| | desk | baseline |",
        "|---|---|---|",
        *(f"| {label} | {figures[key]} | {base[key]} |" for label, key in rows),
        "",
        f"Machine: {facts['cores']} cores, {facts['memory_gb']} GB, {facts['system']}, Python"
        f" {facts['python']}; load before the run {facts['load_1m_before']}.",
    ]
    return "\n".join(lines)
