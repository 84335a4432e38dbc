"""The rules of the house, read from the code itself. Every failure names file and line."""

import ast
import re
import subprocess
import sys
from pathlib import Path

from sqlmodel import SQLModel

from campaigns.tables import MODULES
from tests.architecture.sources import (
    PACKAGES,
    ROOT,
    Source,
    calls,
    functions,
    mentions,
    places,
    sources,
    texts,
)

Found = list[tuple[str, int, str]]

#: What may lie at the top; untracked caches and data are listed in .gitignore.
TOP = {
    *PACKAGES,
    *("tests", "alembic", "asterisk", "bench", "docs", ".ci", ".git"),
    *("pyproject.toml", "uv.lock", "compose.yaml", "Makefile", ".gitignore"),
    *("README.md", "CHANGELOG.md", "LICENSE"),
}

#: A broad ``except`` is allowed only here: the place, and why.
BROAD_EXCEPT = {
    "workers/dialing/supervisor.py:_run": "one campaign's fault must not stop the others",
    "workers/dialing/floor.py:_tell": "whatever is wrong with pacing, calls and agents go on",
    "workers/dialing/pacer.py:decide": "whatever is wrong with pacing, free agents get calls",
    "workers/jobs/selections.py:_try": "one selection's fault must not keep the others from being applied",
    "workers/jobs/events.py:_send": "one endpoint's fault must not keep events from the others",
    "workers/jobs/deliveries.py:_try": "one delivery's fault must not keep the others from going out",
    "workers/jobs/saved_reports.py:_try": "one report's fault must not keep the others from being made",
    "dialer/db.py:transaction": "rolls back whatever happened, then raises it again",
    "api/routes/results.py:download_results": "deletes the half-written file, then raises it again",
}

#: Tables without a client, and why.
NO_CLIENT = {
    "client": "is the client",
    "apitoken": "belongs to a user, who has one",
    "campaign_list": "links a campaign and a list, which have one",
    "agent_state_entry": "belongs to a session, which has one",
    "place": "zones and jurisdictions: says nothing of any client",
    "lead_claim": "belongs to a lead and its campaign, which have one",
    "lane": "belongs to a campaign, which has one",
    "campaign_caller_id": "links a campaign and a caller ID, which have one",
    "caller_id_use": "belongs to a caller ID, which has one",
    "contact_change": "belongs to an import, which has one",
    "emergency_switch": "an emergency is declared for a territory, for everybody",
}
#: Their parents and their client are checked a statement at a time (ADR 0011).
CHECKED_BY_TRIGGER = {"contact", "phone", "lead"}
#: Written by triggers alone, with the client of the row they tell of: a check a row would be paid by calls.
WRITTEN_BY_TRIGGER = {"event_waiting"}


def outside(what: re.Pattern[str], *allowed: str) -> Found:
    """Every mention of ``what`` outside the allowed places."""
    return [
        (source.path, line, name)
        for source in sources()
        if not source.within(*allowed)
        for name, line in mentions(source)
        if what.fullmatch(name)
    ]


def test_imports_point_down_the_road() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    checked = subprocess.run(  # noqa: S603 - our own tool
        [linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_only_the_database_module_commits() -> None:
    found: Found = [
        (source.path, line, name)
        for source in sources()
        if source.path != "dialer/db.py"
        for name, line in calls(source)
        if name.endswith(".commit")
    ]
    assert not found, places(found)


def test_only_the_settings_read_the_environment() -> None:
    found = outside(re.compile(r"os\.(environb?|getenvb?|putenv)(\..*)?"), "dialer/settings.py")
    assert not found, places(found)


def test_only_the_clock_knows_the_time() -> None:
    now = re.compile(
        r"(\w+\.)*(datetime\.(now|utcnow|today)|date\.today|time\.(time(_ns)?|gmtime|localtime))"
    )
    found = outside(now, "dialer/clock.py")
    assert not found, places(found)


def test_only_the_gate_makes_a_clearance() -> None:
    found: Found = [
        (source.path, node.lineno, "Clearance(")
        for source in sources(*PACKAGES, "bench")
        if source.path != "compliance/gate.py"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Clearance"
    ]
    assert not found, places(found)


def test_only_the_ari_package_speaks_asterisks_paths() -> None:
    path = re.compile(r"/?(ari/)?(bridges|channels|playbacks|recordings/live|endpoints)(/.*)?")
    found: Found = [
        (source.path, line, text)
        for source in sources()
        if not source.within("dialer/ari", "dialer/simulator", "cli/embedded")
        for text, line in texts(source)
        if "/" in text and path.fullmatch(text)
    ]
    assert not found, places(found)


def test_files_are_short() -> None:
    lengths = {s.path: s.text.count("\n") for s in sources(*PACKAGES, "tests", "bench")}
    found: Found = [(path, length, "lines") for path, length in lengths.items() if length > 300]
    assert not found, f"a file may have 300 lines:{places(found)}"
    over = sorted((length, path) for path, length in lengths.items() if length > 250)
    assert len(over) <= 0.05 * len(lengths), f"95 % of files have at most 250 lines: {over}"


def test_functions_are_short() -> None:
    lengths: Found = [
        (source.path, node.lineno, f"{node.name} has {node.end_lineno - node.lineno + 1} lines")
        for source in sources(*PACKAGES, "bench")
        for node in functions(source)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > 30
    ]
    total = sum(1 for source in sources(*PACKAGES, "bench") for _ in functions(source))
    long = [one for one in lengths if int(one[2].split()[-2]) > 50]
    assert not long, f"a function may have 50 lines:{places(long)}"
    assert len(lengths) <= 0.05 * total, f"95 % have at most 30 lines:{places(lengths)}"


def _broad_excepts(source: Source) -> Found:
    found: Found = []
    for function in functions(source):
        for node in ast.walk(function):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = ast.unparse(node.type) if node.type else "everything"
            broad = re.search(r"\b(Base)?Exception\b", caught) or node.type is None
            if broad and f"{source.path}:{function.name}" not in BROAD_EXCEPT:
                found.append((source.path, node.lineno, f"except {caught} in {function.name}"))
    return found


def test_no_broad_except() -> None:
    found = [one for source in sources() for one in _broad_excepts(source)]
    assert not found, places(found)


def test_nothing_is_printed_by_the_packages() -> None:
    found: Found = [
        (source.path, line, "print(")
        for source in sources()
        if not source.within("cli")
        for name, line in calls(source)
        if name == "print"
    ]
    assert not found, places(found)


def _undocumented(source: Source) -> Found:
    found: Found = []
    if source.text.strip() and not ast.get_docstring(source.tree):
        found.append((source.path, 1, "module"))
    bodies: list[list[ast.stmt]] = [source.tree.body]
    while bodies:
        for node in bodies.pop():
            if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            if node.name.startswith("_"):
                continue
            if not ast.get_docstring(node):
                found.append((source.path, node.lineno, node.name))
            if isinstance(node, ast.ClassDef):
                bodies.append(node.body)
    return found


def test_every_public_name_has_a_docstring() -> None:
    found = [one for source in sources(*PACKAGES, "bench") for one in _undocumented(source)]
    assert not found, places(found)


def test_log_events_are_plain_words() -> None:
    """A log event is a constant: what varies (and might be a number) is a value, which is masked."""
    log_call = re.compile(r"(log|logger)\.(debug|info|warning|error|exception|critical)")
    found: Found = []
    for source in sources():
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call) or not log_call.fullmatch(ast.unparse(node.func)):
                continue
            event = node.args[0] if node.args else None
            constant = isinstance(event, ast.Constant) and isinstance(event.value, str)
            telling = {"e164", "number", "phone"} & {keyword.arg for keyword in node.keywords}
            if not constant or telling:
                found.append((source.path, node.lineno, ast.unparse(node)[:80]))
    assert not found, places(found)


def test_the_top_holds_only_what_belongs_there() -> None:
    ignored = {line.rstrip("/") for line in (ROOT / ".gitignore").read_text().split()}
    found: Found = [
        (entry.name, 0, "does not belong at the top")
        for entry in ROOT.iterdir()
        if entry.name not in TOP | ignored and not entry.name.endswith(".egg-info")
    ]
    assert not found, places(found)


def test_every_table_says_whose_its_rows_are() -> None:
    assert MODULES
    tables = SQLModel.metadata.tables
    without = {name for name, table in tables.items() if "client_id" not in table.columns}
    assert without == set(NO_CLIENT), "a table without client_id needs a reason here"
    for name in tables.keys() - without - CHECKED_BY_TRIGGER - WRITTEN_BY_TRIGGER:
        targets = {key.target_fullname for key in tables[name].columns["client_id"].foreign_keys}
        assert targets == {"client.id"}, f"{name}.client_id points nowhere"


def test_the_migrations_folder_is_no_package() -> None:
    """A package of that name would hide the library Alembic."""
    assert not (ROOT / "alembic" / "__init__.py").exists()


def test_the_excuses_are_still_needed() -> None:
    """An allow-list entry whose place is gone must go too."""
    known = {f"{s.path}:{node.name}" for s in sources() for node in functions(s)}
    assert set(BROAD_EXCEPT) <= known, set(BROAD_EXCEPT) - known
