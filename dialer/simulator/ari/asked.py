"""A REST request taken apart, and what most handlers begin with."""

from collections.abc import Mapping
from dataclasses import dataclass

from dialer.simulator.ari.bridges import Bridge
from dialer.simulator.ari.channels import Channel
from dialer.simulator.ari.refusals import RestError
from dialer.simulator.ari.world import World


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts of a request: ``args`` are query parameters, or the same in the body."""

    id: str
    app: str  #: the application of the websocket it came over
    args: Mapping[str, str]
    body: Mapping[str, object]

    def need(self, name: str) -> str:
        """Return a parameter that has to be there.

        Raises:
            RestError: 400 without it.
        """
        value = self.args.get(name, "")
        if not value:
            raise RestError(400, f"Missing parameter {name}")
        return value

    def variables(self) -> dict[str, str]:
        """Return the channel variables of the body."""
        given = self.body.get("variables")
        return {str(k): str(v) for k, v in given.items()} if isinstance(given, dict) else {}


def channel_of(world: World, asked: Asked) -> Channel:
    """Return the channel the path names.

    Raises:
        RestError: 404 when there is none.
    """
    channel = world.channels.get(asked.id)
    if channel is None:
        raise RestError(404, "Channel not found")
    return channel


def controlled(world: World, asked: Asked) -> Channel:
    """Return the channel the path names, if an application has control of it.

    Raises:
        RestError: 404 when there is none, 409 when the dialplan has it.
    """
    channel = channel_of(world, asked)
    if not channel.in_stasis:
        raise RestError(409, "Channel not in Stasis application")
    return channel


def bridge_of(world: World, asked: Asked) -> Bridge:
    """Return the bridge the path names.

    Raises:
        RestError: 404 when there is none.
    """
    bridge = world.bridges.get(asked.id)
    if bridge is None:
        raise RestError(404, "Bridge not found")
    return bridge
