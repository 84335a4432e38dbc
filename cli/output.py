"""What commands print: tables for people on the terminal, JSON for programs with ``--json``."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

console = Console()


def report(facts: Mapping[str, Any], *, as_json: bool, title: str = "") -> None:
    """Print facts about one thing."""
    if as_json:
        typer.echo(json.dumps(facts, default=str, ensure_ascii=False))
        return
    table = Table(
        title=Text(title, "table.title") if title else None, show_header=False, title_justify="left"
    )
    table.add_column(style="bold")
    table.add_column()
    for name, value in facts.items():
        table.add_row(name.replace("_", " "), _shown(value))
    console.print(table)


def listing(rows: Sequence[Mapping[str, Any]], *, as_json: bool, empty: str) -> None:
    """Print several things, or ``empty``: what to do when there are none."""
    if as_json:
        typer.echo(json.dumps(rows, default=str, ensure_ascii=False))
        return
    if not rows:
        console.print(empty)
        return
    table = Table()
    for name in rows[0]:
        table.add_column(name.replace("_", " "))
    for row in rows:
        table.add_row(*(_shown(value) for value in row.values()))
    console.print(table)


def _shown(value: Any) -> Text:
    # Not a string, which rich would read as markup: a client's text may hold brackets.
    return Text(_cell(value))


def _cell(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {inner}" for key, inner in value.items()) or "-"
    if isinstance(value, list | tuple):
        return "\n".join(str(inner) for inner in value) or "-"
    if isinstance(value, float):
        return f"{value:.3g}"
    return "-" if value is None else str(value)
