"""Requests about bridges."""

from functools import partial

from dialer.simulator.ari.asked import Asked, bridge_of
from dialer.simulator.ari.bridges import Bridge
from dialer.simulator.ari.channels import Channel
from dialer.simulator.ari.media import Playback
from dialer.simulator.ari.refusals import RestError, Waits
from dialer.simulator.ari.world import World

#: Seconds during which the id of a bridge just destroyed is still taken.
_REUSE_AFTER_S = 0.1


def listing(world: World, _asked: Asked) -> object:
    """List all bridges."""
    return [bridge.snapshot() for bridge in world.bridges.values()]


def get(world: World, asked: Asked) -> object:
    """Show one bridge."""
    return bridge_of(world, asked).snapshot()


def create(world: World, asked: Asked) -> object:
    """Make a bridge."""
    bridge_id = asked.id or asked.args.get("bridgeId") or f"bridge-{world.serial():08x}"
    if bridge_id in world.bridges or bridge_id in world.past_bridges:
        raise RestError(409, f"Bridge with id '{bridge_id}' already exists")
    kinds = asked.args.get("type", "mixing").split(",")
    bridge = Bridge(
        id=bridge_id,
        name=asked.args.get("name", ""),
        kind="holding" if "holding" in kinds else "mixing",
        created=world.events.timestamps.now(),
        app=asked.app,
    )
    world.bridges[bridge_id] = bridge
    world.tell_of_bridge("BridgeCreated", bridge)
    return bridge.snapshot()


def destroy(world: World, asked: Asked) -> object:
    """Take everybody out of a bridge and forget it."""
    bridge = bridge_of(world, asked)
    for channel in list(bridge.members.values()):
        world.leave_bridge(channel)
    del world.bridges[bridge.id]
    world.past_bridges.add(bridge.id)
    world.loop.call_later(_REUSE_AFTER_S, partial(world.past_bridges.discard, bridge.id))
    world.tell_of_bridge("BridgeDestroyed", bridge)
    return None


def add(world: World, asked: Asked) -> object:
    """Move channels into a bridge; a channel that hears a prompt makes the request wait."""
    bridge = bridge_of(world, asked)
    channels = _named(world, asked)
    for channel in channels:
        _wait_for_prompt(channel)
    for channel in channels:
        world.enter_bridge(channel, bridge)
    return None


def remove(world: World, asked: Asked) -> object:
    """Take channels out of a bridge."""
    bridge = bridge_of(world, asked)
    channels = _named(world, asked)
    for channel in channels:
        if channel.bridge is not bridge:
            raise RestError(422, "Channel not in this bridge")
        _wait_for_prompt(channel)
    for channel in channels:
        world.leave_bridge(channel)
    return None


def play(world: World, asked: Asked) -> object:
    """Play a prompt to all in the bridge."""
    bridge = bridge_of(world, asked)
    playback = Playback(
        asked.args.get("playbackId") or f"playback-{world.serial():08x}",
        bridge.app,
        f"bridge:{bridge.id}",
        asked.need("media"),
    )
    world.queue_playback(playback)
    return playback.as_ari()


def start_music(world: World, asked: Asked) -> object:
    """Play music on hold to all in the bridge."""
    bridge_of(world, asked).hears_music = True
    return None


def stop_music(world: World, asked: Asked) -> object:
    """End the music; where there is none, the request is refused."""
    bridge = bridge_of(world, asked)
    if not bridge.hears_music:
        raise RestError(409, "Bridge has no music on hold")
    bridge.hears_music = False
    return None


def _named(world: World, asked: Asked) -> list[Channel]:
    channels = []
    for channel_id in filter(None, asked.need("channel").split(",")):
        channel = world.channels.get(channel_id)
        if channel is None:
            raise RestError(400, "Channel not found")
        if not channel.in_stasis:
            raise RestError(422, "Channel not in Stasis application")
        channels.append(channel)
    return channels


def _wait_for_prompt(channel: Channel) -> None:
    if channel.playbacks:
        raise Waits(channel.playbacks[-1])


ROUTES = {
    ("GET", "bridges", ""): (listing, 200),
    ("GET", "bridges", "*"): (get, 200),
    ("POST", "bridges", ""): (create, 200),
    ("POST", "bridges", "*"): (create, 200),
    ("DELETE", "bridges", "*"): (destroy, 204),
    ("POST", "bridges", "addChannel"): (add, 204),
    ("POST", "bridges", "removeChannel"): (remove, 204),
    ("POST", "bridges", "play"): (play, 201),
    ("POST", "bridges", "moh"): (start_music, 204),
    ("DELETE", "bridges", "moh"): (stop_music, 204),
}
