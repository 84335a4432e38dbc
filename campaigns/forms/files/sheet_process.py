"""Reads the sheets of a workbook in a process of its own: a crafted file can ask for any memory.

Run as a script with the limits as arguments, the workbook on standard input. It imports nothing of ours.
"""

import json
import resource
import sys

import python_calamine


def main(most_bytes: int, most_cpu_s: int, most_rows: int, most_columns: int) -> None:
    """Write ``{"sheets": {name: [[row number, [cells]]]}}`` or ``{"fault": why}`` as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (most_cpu_s, most_cpu_s))
    sheets: dict[str, list[tuple[int, list[str]]]] = {}
    try:
        workbook = python_calamine.CalamineWorkbook.from_filelike(sys.stdin.buffer)
        for name in workbook.sheet_names:
            rows = sheets.setdefault(name.strip().lower(), [])
            for place, cells in enumerate(workbook.get_sheet_by_name(name).iter_rows(), start=1):
                texts = [_text(cell) for cell in cells[:most_columns]]
                if any(texts):
                    rows.append((place, texts))
                if len(rows) > most_rows:
                    break
    except (python_calamine.CalamineError, python_calamine.PasswordError, MemoryError):
        json.dump({"fault": "unreadable"}, sys.stdout)
        return
    json.dump({"sheets": sheets}, sys.stdout)


def _text(cell: object) -> str:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\0", "").strip()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
