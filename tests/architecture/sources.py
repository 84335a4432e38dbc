"""The repository's own Python, parsed once, and small questions to it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("dialer", "compliance", "campaigns", "api", "workers", "cli")


@dataclass(frozen=True)
class Source:
    """One file: its path from the root, its text and its tree."""

    path: str
    text: str
    tree: ast.Module

    def within(self, *places: str) -> bool:
        """Tell whether the file is one of ``places`` or below one of them."""
        return any(self.path == place or self.path.startswith(f"{place}/") for place in places)


@cache
def sources(*tops: str) -> tuple[Source, ...]:
    """Every Python file below ``tops``; without any, below the packages."""
    paths = [path for top in tops or PACKAGES for path in sorted((ROOT / top).rglob("*.py"))]
    return tuple(_read(path) for path in paths)


def _read(path: Path) -> Source:
    text = path.read_text(encoding="utf-8")
    return Source(path.relative_to(ROOT).as_posix(), text, ast.parse(text))


def dotted(node: ast.expr) -> str:
    """``a.b.c`` for a name or an attribute of one; "" for anything else."""
    match node:
        case ast.Name(name):
            return name
        case ast.Attribute(value, attribute):
            inner = dotted(value)
            return f"{inner}.{attribute}" if inner else f"?.{attribute}"
        case _:
            return ""


def calls(source: Source) -> Iterator[tuple[str, int]]:
    """Every call in a file: what is called, and the line."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node.lineno


def mentions(source: Source) -> Iterator[tuple[str, int]]:
    """Every dotted name and every imported name in a file, with its line."""
    for node in ast.walk(source.tree):
        match node:
            case ast.Attribute():
                yield dotted(node), node.lineno
            case ast.ImportFrom(module, names):
                for alias in names:
                    yield f"{module}.{alias.name}", node.lineno
            case _:
                pass


def texts(source: Source) -> Iterator[tuple[str, int]]:
    """Every string in a file that is no docstring (parts of f-strings too), with its line."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(source.tree):
        if not isinstance(node, ast.Constant) or id(node) in docstrings:
            continue
        if isinstance(node.value, str):
            yield node.value, node.lineno


def functions(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file, nested ones included."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def places(found: list[tuple[str, int, str]]) -> str:
    """What a failure shows: one ``file:line what`` a line."""
    return "\n" + "\n".join(f"{path}:{line} {what}" for path, line, what in sorted(found))
