"""The API process of the desktop bench: production's server on the settings of the environment.

``--deaf`` is the baseline: runners' notices are not heard, so that every desk waits for the look at the
tables once a second, as a page that polls would.
"""

import argparse

import uvicorn

from api import desks
from api.main import serving_app
from dialer import logs
from dialer import settings as dialer_settings


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deaf", action="store_true")
    args = parser.parse_args()
    settings = dialer_settings.load()
    logs.configure(json=settings.log_json, level=settings.log_level)
    if args.deaf:
        desks.Desks._take = lambda self, _channel, raw: None  # type: ignore[method-assign]
    uvicorn.run(
        serving_app(settings),
        host=settings.web_host,
        port=settings.web_port,
        log_config=None,
        access_log=False,
        loop="uvloop",
        timeout_graceful_shutdown=1,
    )


if __name__ == "__main__":
    main()
