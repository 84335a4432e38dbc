"""The pages that have no picture of their own: each is looked at, at both widths."""

from campaigns.reports.standard import REPORTS
from campaigns.tenancy.models import Role
from tests.browser.screens.stage import Stage

_REGISTERS = (
    *("/trunks", "/caller-ids", "/days-off", "/disposition-sets", "/retry-sets", "/retention"),
    *(
        "/clients",
        "/users",
        "/lists",
        "/forms",
        "/scripts",
        "/knowledge",
        "/law",
        "/client-requests",
    ),
)
_RESULTS = (
    *("/reports/settings", "/saved-reports", "/saved-reports/new", "/crosstabs"),
    *("/deliveries", "/recordings", "/events", "/events/new"),
    *("/quality/calls", "/quality/scorecards", "/quality/plans", "/quality/disputes"),
    *("/quality/calibrations", "/quality/board"),
)
_CHARTS = ("heat", "funnel", "pace", "timeline", "quotas")
_LIVE = (
    "/wall",
    "/wall/alarms",
    "/wall/screens",
    "/wall/settings",
    "/wall/agents",
    "/supervise",
    "/listen",
)
_CAMPAIGN = ("settings", "exports", "export-layout", "deliveries", "deliveries/new")


async def registers(stage: Stage) -> None:
    """See what belongs to the client and to the call centre."""
    await _go(stage, _REGISTERS)


async def results(stage: Stage) -> None:
    """See what leaves the call centre, and how good it is."""
    await _go(stage, _RESULTS)


async def reports(stage: Stage) -> None:
    """See every standard report and every chart."""
    found = [f"/reports/{key.value}" for key in REPORTS]
    await _go(stage, [*found, *(f"/reports/charts/{chart}" for chart in _CHARTS)])


async def live(stage: Stage) -> None:
    """See what is steered while it runs, and how a campaign is set up."""
    main = stage.shop.campaign_ids[0]
    await _go(stage, [*_LIVE, "/campaigns/new", *(f"/campaigns/{main}/{one}" for one in _CAMPAIGN)])


async def _go(stage: Stage, paths: list[str] | tuple[str, ...]) -> None:
    page = await stage.page(Role.MANAGER)
    for path in paths:
        await stage.look_at(page, path, path)
