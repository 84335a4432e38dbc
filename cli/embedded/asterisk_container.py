"""The container's entry point: write Asterisk's configuration, then become Asterisk."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from cli.embedded.asterisk_config import (
    AgentEndpoint,
    AsteriskConfig,
    Directories,
    TrunkEndpoint,
    write_config,
)

INSTANCE = "main"
SIP_PORT, HTTP_PORT = 5060, 8088


def configuration(arguments: Sequence[str]) -> AsteriskConfig:
    """Return the configuration that the container's command line describes.

    Secrets come in files, because a command line is visible to everybody on the machine.
    """
    parser = argparse.ArgumentParser(description="Run Asterisk for Outdial.")
    parser.add_argument("--ari-password-file", type=Path, required=True)
    parser.add_argument("--trunk", required=True, help="the carrier's gateway, host:port")
    parser.add_argument("--trunk-name", default="carrier")
    parser.add_argument("--trunk-user", default="")
    parser.add_argument("--trunk-password-file", type=Path)
    parser.add_argument("--media-address", required=True, help="what phones send their media to")
    parser.add_argument("--rtp", default="20000-20999", help="UDP ports for media, first-last")
    parser.add_argument(
        "--agents-file", type=Path, help="telephones: name:password, comma-separated"
    )
    options = parser.parse_args(arguments)
    host, _, port = options.trunk.partition(":")
    first, _, last = options.rtp.partition("-")
    secret = options.trunk_password_file if options.trunk_user else None
    trunk = TrunkEndpoint(
        name=options.trunk_name,
        host=host,
        port=int(port or SIP_PORT),
        auth_user=options.trunk_user,
        auth_password=secret.read_text().strip() if secret else "",
    )
    return AsteriskConfig(
        instance=INSTANCE,
        sip_port=SIP_PORT,
        http_port=HTTP_PORT,
        rtp_start=int(first),
        rtp_end=int(last),
        ari_user="outdial",
        ari_password=options.ari_password_file.read_text().strip(),
        trunks=(trunk,),
        agents=_agents(options.agents_file),
        bind="0.0.0.0",  # noqa: S104 - the compose file publishes only what it names
        media_address=options.media_address,
    )


def _agents(file: Path | None) -> tuple[AgentEndpoint, ...]:
    """Return the telephones that may register; the file holds ``name:password`` pairs."""
    pairs = file.read_text().strip().split(",") if file else []
    split = (pair.strip().partition(":") for pair in pairs if pair.strip())
    return tuple(AgentEndpoint(name, password=password) for name, _, password in split)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write the files and replace this process by Asterisk."""
    config = configuration(sys.argv[1:] if arguments is None else arguments)
    write_config(Path("/"), config)
    settings = f"{Directories.of(INSTANCE).etc}/asterisk.conf"
    os.execvp("asterisk", ["asterisk", "-C", settings, "-U", "asterisk", "-f"])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
