"""The import bench's section of the documentation."""

from typing import Any


def section(figures: dict[str, Any]) -> str:
    """Return the figures as a table, with what they were measured on."""
    base, indexed, facts = figures["baseline"], figures["indexed"], figures["machine"]
    lines = [
        "## Import",
        "",
        f"`make bench-import`: a CSV file of {figures['rows']} rows with phones in five styles, a"
        f" second number in a tenth of them, {figures['refused']} duplicates and bad numbers and"
        f" {figures['dnc_listed']} numbers of a do-not-call list becomes {figures['accepted']}"
        f" contacts, {figures['phones']} numbers in {figures['places']} places and"
        f" {figures['leads']} leads, with every refused row stored, in one transaction. The baselines"
        " are the COPY of the same clean rows, rendered beforehand, of the three tables.",
        "",
        "| | import | COPY, no indexes | COPY, same indexes |",
        "|---|---|---|---|",
        f"| rows/s | {figures['rows_per_s']} | {base['rows_per_s']} | {indexed['rows_per_s']} |",
        f"| seconds | {figures['seconds']} | {base['seconds']} | {indexed['seconds']} |",
        f"| peak resident memory, MB | {figures['peak_rss_mb']} | | |",
        "",
        f"Time as a multiple of the bare COPY: {figures['ratio_to_copy']} without indexes,"
        f" {figures['ratio_to_indexed_copy']} with them.",
        "",
        f"Machine: {facts['cores']} cores, {facts['memory_gb']} GB, {facts['system']}, Python"
        f" {facts['python']}; load before the run {facts['load_1m_before']}.",
    ]
    return "\n".join(lines)
