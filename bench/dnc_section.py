"""The do-not-call bench's section of the documentation."""

from typing import Any


def section(figures: dict[str, Any]) -> str:
    """Return the figures as a table, with what they were measured on."""
    base, ratio, facts = figures["baseline"], figures["ratio"], figures["machine"]
    rows = [
        ("read the file, build and store, s", "build_s"),
        ("most memory while building, MB", "build_peak_mb"),
        ("file, MB", "file_mb"),
        ("load, s (the file is in the page cache)", "load_s"),
        ("memory of the loaded list, MB", "rss_mb"),
        ("single look-ups/s, number as text", "single_per_s"),
        ("look-ups/s in batches of a million, random order", "batch_per_s"),
        ("the same, sorted", "batch_sorted_per_s"),
    ]
    lines = [
        "## Do-not-call list",
        "",
        f"`make bench-dnc`: {figures['numbers']:,} numbers of 340 area codes in an FTC flat file"
        f" ({figures['source_mb']:,} MB). One process, one thread; of a million questions"
        f" {figures['hits']:,} are hits. The baseline is a {base['name']}, filled from the same file"
        " by the same reader. Our loading checks the digest of the file first, and lets the event loop run"
        " meanwhile; the baseline does neither.",
        "",
        "| | bitmap | baseline | times better |",
        "|---|---|---|---|",
        *(
            f"| {label} | {figures[key]:,} | {base[key]:,} | {ratio.get(key, '')} |"
            for label, key in rows
        ),
        "",
        f"Longest pause of the event loop while the list is loaded in a thread:"
        f" {figures['loop_pause_ms']} ms; with the list as one bitmap it would be"
        f" {figures['loop_pause_one_piece_ms']} ms.",
        "",
        f"Machine: {facts['cores']} cores, {facts['memory_gb']} GB, {facts['system']}, Python"
        f" {facts['python']}; load before the run {facts['load_1m_before']}.",
    ]
    return "\n".join(lines)
