"""Watching and handing over: the wall, settings, reports, deliveries, and the client's own pages."""

from campaigns.tenancy.models import Role
from tests.browser.screens.stage import Stage

#: Of pages with live figures: there is something to see.
_WALL = ".wall-agents tbody tr"


async def results(stage: Stage) -> None:
    """Look at what managers and supervisors see, and at what the client sees."""
    main = stage.shop.campaign_ids[0]
    boss = await stage.page(Role.MANAGER)
    await stage.show(boss, "wall", "/wall", wait=_WALL, phone=True)
    await stage.show(boss, "campaign-settings", f"/campaigns/{main}/settings")
    await stage.show(boss, "report-overview", "/reports/overview", phone=True)
    await stage.show(boss, "report-best-hours", "/reports/charts/heat")
    await stage.show(boss, "report-funnel", "/reports/charts/funnel", phone=True)
    await stage.show(boss, "report-new", "/saved-reports/new")
    await stage.show(boss, "exports", f"/campaigns/{main}/exports")
    await stage.show(boss, "delivery-new", f"/campaigns/{main}/deliveries/new?kind=sftp")
    await stage.show(boss, "trunks", "/trunks")
    await stage.show(boss, "retention", "/retention")
    client = await stage.page(Role.CLIENT)
    await stage.show(client, "portal", "/portal", phone=True)
    await stage.show(client, "portal-campaign", f"/portal/campaigns/{main}")
    await stage.show(client, "portal-requests", "/portal/requests")
