"""The API process of the wall's bench: production's server, and the baseline's page beside it."""

from time import monotonic

import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response

from api.auth import PageSteererDep
from api.deps import ServicesDep
from api.main import serving_app
from api.wall.client_wall import COUNT_S, ClientWall
from dialer import logs
from dialer import settings as dialer_settings


def add_baseline(app: FastAPI) -> None:
    """Add the page that a viewer of the baseline asks for: everything, looked at for it alone."""
    walls: dict[str, tuple[ClientWall, float]] = {}

    @app.get("/bench/wall")
    async def whole_wall(viewer: str, who: PageSteererDep, services: ServicesDep) -> Response:
        wall, counted_s = walls.get(viewer) or (ClientWall(services, who.client_id), float("-inf"))
        await wall.look()
        if monotonic() - counted_s >= COUNT_S:
            counted_s = monotonic()
            await wall.count()
        walls[viewer] = wall, counted_s
        return JSONResponse(wall.rows())


def main() -> None:
    """Serve until SIGTERM."""
    settings = dialer_settings.load()
    logs.configure(json=settings.log_json, level=settings.log_level)
    app = serving_app(settings)
    add_baseline(app)
    uvicorn.run(
        app,
        host=settings.web_host,
        port=settings.web_port,
        log_config=None,
        access_log=False,
        loop="uvloop",
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
