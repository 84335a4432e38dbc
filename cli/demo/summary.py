"""What the demo shows while it runs and tells at its end."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from campaigns.reports.figures import Figures
from campaigns.states import LeadState
from cli.demo.balance import Check
from cli.output import console


def live_view(figures: Figures, board: Mapping[str, Any], seconds: float) -> RenderableType:
    """Return the live picture of the campaign."""
    leads, calls = figures.leads.by_state, figures.calls
    table = Table(title=f"dialling, {seconds:.0f} s", title_justify="left", show_header=False)
    table.add_column(style="bold")
    table.add_column(min_width=60)
    done = leads.get(LeadState.DONE, 0)
    table.add_row("leads", f"{done} of {sum(leads.values())} done")
    table.add_row("in flight", _counts(board.get("in_flight", {})))
    table.add_row("agents", _counts(board.get("agents", {})))
    outcomes = {outcome.value: n for outcome, n in calls.by_outcome.items()}
    table.add_row("outcomes", _counts(outcomes))
    table.add_row("abandoned", str(calls.abandoned))
    table.add_row("not dialling because", "; ".join(board.get("why", [])) or "it is dialling")
    return Group(table)


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {n}" for name, n in sorted(counts.items())) or "-"


def tell(
    *,
    campaign_name: str,
    figures: Figures,
    checks: list[Check],
    seconds: float,
    recordings: int,
    recordings_dir: Path,
    exported: int,
    out: Path,
    page: str,
    sign_in: str,
) -> None:
    """Print the summary."""
    calls, agents = figures.calls, figures.agents
    table = Table(title=campaign_name, title_justify="left", show_header=False)
    table.add_column(style="bold")
    table.add_column()
    rate = calls.attempts / seconds if seconds else 0.0
    table.add_row("contacts", str(sum(figures.leads.by_state.values())))
    table.add_row("leads", _counts({s.value: n for s, n in figures.leads.by_state.items()}))
    table.add_row("attempts", f"{calls.attempts} in {seconds:.0f} s ({rate:.1f} calls/s)")
    outcomes = {outcome.value: n for outcome, n in calls.by_outcome.items()}
    table.add_row("outcomes", _counts(outcomes))
    table.add_row("talk time", f"{calls.talk_total_s:.0f} s")
    table.add_row("occupancy", _percent(agents.occupancy_rate))
    share = _percent(calls.abandoned_rate)
    table.add_row("abandoned", f"{calls.abandoned} ({share} of people who answered)")
    waits = f"p50 {calls.wait_p50_ms} ms, p99 {calls.wait_p99_ms} ms"
    table.add_row("wait from answer to agent", waits)
    console.print(table)
    for name, value in (
        ("results", f"{out} ({exported} rows)"),
        ("recordings", f"{recordings_dir} ({recordings}, stereo: listen at /recordings)"),
        ("page", f"{page} (`make serve` keeps it up)"),
        ("sign in as", sign_in),
        ("take calls yourself", "make demo-desk (a form, a script, a telephone in the browser)"),
    ):
        # Whole on one line each: a path that is cut cannot be copied.
        console.print(f"{name}: {value}", soft_wrap=True, markup=False, highlight=False)
    for check in checks:
        mark = "[green]✓[/]" if check.holds else "[bold red]✗[/]"
        console.print(f" {mark} {check.name}: {check.detail}", highlight=False)
    balanced = all(check.holds for check in checks)
    console.print(
        "[bold green]The books balance.[/]"
        if balanced
        else "[bold red]The books do NOT balance.[/]"
    )


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{100 * rate:.1f} %"
