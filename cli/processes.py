"""``outdial serve``, ``outdial worker`` and ``outdial stop``.

The server and the workers are imported by the commands that run them: they are half of the time
that any other command would take to start.
"""

import asyncio
from enum import StrEnum
from typing import Annotated

import typer

from cli.installation import complete, services_of, with_asterisk
from cli.migrations import migrate
from cli.output import console
from dialer import logs
from dialer import settings as dialer_settings


class WorkerKind(StrEnum):
    """Which worker to run."""

    DIALING = "dialing"
    BACKGROUND = "background"


def serve() -> None:
    """Serve the API and the pages until stopped; starts the embedded services it needs."""
    import uvicorn

    from api.main import serving_app

    settings = dialer_settings.load()
    settings = complete(settings, services_of(settings))
    asyncio.run(migrate(settings.database()))
    logs.configure(json=settings.log_json, level=settings.log_level)
    console.print(
        f"Outdial is at [bold]http://{settings.web_host}:{settings.web_port}/campaigns[/]"
    )
    console.print(
        "A login and its first password: [bold].venv/bin/outdial user add NAME --role manager[/]"
    )
    uvicorn.run(
        serving_app(settings),
        host=settings.web_host,
        port=settings.web_port,
        log_config=None,
        access_log=False,
        loop="uvloop",
        timeout_graceful_shutdown=3,
    )


def worker(
    kind: Annotated[
        WorkerKind, typer.Argument(help="dialing owns live calls, background the rest.")
    ],
) -> None:
    """Run a worker until SIGTERM; a dialing worker hands its live calls over before it goes."""
    import uvloop

    from workers.main import run_background, run_dialing

    settings = dialer_settings.load()
    services = services_of(settings)
    settings = with_asterisk(complete(settings, services), services)
    asyncio.run(migrate(settings.database()))
    logs.configure(json=settings.log_json, level=settings.log_level)
    run = run_dialing if kind is WorkerKind.DIALING else run_background
    uvloop.run(run(settings))


def stop() -> None:
    """Stop the embedded services. Their data stays."""
    services_of(dialer_settings.load()).stop_all()
    console.print("The embedded services are stopped.")
