"""The export bench's section of the documentation."""

from typing import Any

_NAMES = {
    "csv": "CSV", "jsonl": "JSON lines", "parquet": "Parquet", "sav": "SPSS (sav)",
    "zsav": "SPSS (zsav)", "xlsx": "XLSX",
}  # fmt: skip


def section(figures: dict[str, Any]) -> str:
    """Return the figures as a table, with what they were measured on."""
    base, facts = figures["baseline"], figures["machine"]
    lines = [
        "## Export",
        "",
        f"`make bench-export`: {figures['rows']} results with 30 answers each, {figures['columns']}"
        " columns in a layout (the client's own, the calls, the answers), exported format by format, each by"
        " a process of its own from the request to the finished file with its digest. The baseline is"
        " PostgreSQL's own `COPY (the same SELECT) TO STDOUT` to a reader that throws it away, the faster of"
        " two runs, one before and one after: it guards no cell against spreadsheets, digests nothing and"
        " writes no file.",
        "",
        "| | rows/s | seconds | file, MB | peak resident memory, MB | of COPY's speed |",
        "|---|---|---|---|---|---|",
    ]
    for name, one in figures["formats"].items():
        share = one["rows_per_s"] / base["rows_per_s"]
        lines.append(
            f"| {_NAMES[name]} | {one['rows_per_s']} | {one['seconds']} | {one['file_mb']} |"
            f" {one['peak_rss_mb']} | {share:.0%} |"
        )
    lines += [
        f"| COPY | {base['rows_per_s']} | {base['seconds']} | | | |",
        "",
        f"Machine: {facts['cores']} cores, {facts['memory_gb']} GB, {facts['system']}, Python"
        f" {facts['python']}; load before the run {facts['load_1m_before']}.",
    ]
    return "\n".join(lines)
