"""Every command of ``outdial``, put together."""

import typer

from cli import (
    agent_previews,
    agents,
    amd,
    audit,
    caller_ids,
    campaign,
    clients,
    compliance,
    consents,
    days_off,
    deliveries,
    dnc,
    events,
    files,
    form_uses,
    forms,
    import_log,
    imports,
    keys,
    knowledge,
    pacing,
    processes,
    reports,
    scripts,
    trunks,
    user_access,
    users,
)
from cli.demo import command as demo
from cli.erasure import erase
from cli.why import why

app = typer.Typer(
    name="outdial",
    help="Outbound campaign dialer on Asterisk. `outdial demo` shows everything.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
campaign.app.command("why")(why)
campaign.app.command("forecast")(pacing.forecast_campaign)
campaign.app.command("replay")(pacing.replay_campaign)
campaign.app.command("caller-ids")(caller_ids.pool)
campaign.app.command("form")(form_uses.use_form)
campaign.app.command("script")(form_uses.use_script)
app.add_typer(campaign.app, name="campaign")
agents.app.command("preview")(agent_previews.preview)
agents.app.command("dial")(agent_previews.dial)
agents.app.command("skip")(agent_previews.skip)
app.add_typer(agents.app, name="agent")
app.add_typer(amd.app, name="amd")
app.add_typer(trunks.app, name="trunk")
app.add_typer(caller_ids.app, name="caller-id")
app.add_typer(days_off.app, name="day-off")
app.add_typer(clients.app, name="client")
users.app.command("give-access")(user_access.give_access)
users.app.command("take-access")(user_access.take_access)
users.app.command("manage-clients")(user_access.manage_clients)
app.add_typer(users.app, name="user")
app.add_typer(compliance.app, name="compliance")
app.add_typer(dnc.app, name="dnc")
app.add_typer(consents.app, name="consent")
app.add_typer(deliveries.app, name="deliver")
app.add_typer(events.app, name="events")
forms.app.command("refresh")(form_uses.make_refresh)
app.add_typer(forms.app, name="form")
app.add_typer(reports.app, name="report")
app.add_typer(scripts.app, name="script")
app.add_typer(knowledge.app, name="knowledge")
app.add_typer(keys.app, name="keys")
app.add_typer(import_log.app, name="imports")
app.command("import")(imports.import_file)
app.command("audit")(audit.audit)
app.command("erase")(erase)
app.command("export")(files.export_file)
app.command("serve")(processes.serve)
app.command("worker")(processes.worker)
app.command("stop")(processes.stop)
app.command("demo")(demo.demo)
