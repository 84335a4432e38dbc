"""The pages of the documentation, and what stands in them: for the tests that compare them with the code."""

import ast
import re
import shlex
from functools import cache
from typing import Any

import click
import typer

from cli.commands import app
from dialer.settings import PROJECT_ROOT

DOCS = PROJECT_ROOT / "docs"
PAGES = (
    PROJECT_ROOT / "README.md",
    PROJECT_ROOT / "CHANGELOG.md",
    *sorted(DOCS.rglob("*.md")),
)


def section(page: str, heading: str) -> str:
    """The text of a section, up to the next heading of its level."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(
        rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE
    )
    assert found, f"{page} has no section {heading!r}"
    return found.group(1)


def words(text: str) -> set[str]:
    """Everything that stands in backticks."""
    return set(re.findall(r"`([^`\n]+)`", text))


def rows(text: str) -> dict[str, list[str]]:
    """The tables' rows by their first cell, where it stands in backticks."""
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0].strip("`"): row[1:] for row in cells}


@cache
def code(*tops: str) -> str:
    """All Python below ``tops``, as one text."""
    files = [file for top in tops for file in sorted((PROJECT_ROOT / top).rglob("*.py"))]
    return "\n".join(file.read_text(encoding="utf-8") for file in files)


@cache
def defined() -> frozenset[str]:
    """Names of all functions and classes of the project, tests too."""
    tops = ("dialer", "compliance", "campaigns", "api", "workers", "cli", "bench", "tests")
    tree = ast.parse(code(*tops))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, kinds))


def commands(text: str) -> list[list[str]]:
    """The calls of the program among a page's shell examples."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL)).replace("\\\n", " ")
    lines = [line.strip().removeprefix(".venv/bin/") for line in blocks.splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.startswith("outdial ")]


def fault_of(call: list[str]) -> str:
    """Say what the program does not know of a call; nothing when all is well."""
    command: Any = typer.main.get_command(app)
    context = click.Context(command)
    rest = call[1:]
    while rest and hasattr(command, "get_command"):
        name, *rest = rest
        command = command.get_command(context, name)
        if command is None:
            return f"no command {name}"
    known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
    unknown = {part.split("=")[0] for part in rest if part.startswith("-")} - known
    return f"no option {', '.join(sorted(unknown))}" if unknown else ""
