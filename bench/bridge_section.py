"""The bridge bench's section of the documentation."""

from typing import Any


def section(figures: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    runs = (figures, figures["without_recording"], figures["baseline"])
    facts = figures["machine"]
    rows = [
        (f"{what}, {name} ms", [run[key][f"{name}_ms"] for run in runs])
        for key, what in (("bridge", "answer to bridge"), ("audio", "answer to the agent's voice"))
        for name in ("p50", "p90", "p99", "max")
    ]
    for label, key in (
        ("calls", "calls"),
        ("calls a second", "calls_per_s"),
        ("abandoned", "abandoned"),
        ("CPU of Asterisk, cores", "asterisk_cpu_share"),
        ("CPU of the worker, cores", "worker_cpu_share"),
    ):
        rows.append((label, [run[key] for run in runs]))
    lines = [
        "## Answer to agent",
        "",
        f"`make bench-bridge`: {figures['agents']} agents, the real Asterisk, SIP and audio on"
        " loopback. From the moment the carrier has sent its 200 OK to the moment when customer and"
        " agent are in one bridge (Asterisk's time stamp, cut to milliseconds), and to the first sound"
        " of the agent at the customer's end. In the baseline"
        f" {figures['baseline']['name']}, without recording or a database; its telephones answer at"
        " once, so real ones would be slower.",
        "",
        "| | with recording | without | baseline |",
        "|---|---|---|---|",
        *(f"| {label} | {' | '.join(str(value) for value in values)} |" for label, values in rows),
        "",
        f"Ratio to the baseline: {figures['ratio']['p50']} at the median, {figures['ratio']['p99']} at"
        " the 99th percentile.",
        "",
        f"Machine: {facts['cores']} cores, {facts['memory_gb']} GB, {facts['system']}, Python"
        f" {facts['python']}; load before the run {facts['load_1m_before']}.",
    ]
    return "\n".join(lines)
