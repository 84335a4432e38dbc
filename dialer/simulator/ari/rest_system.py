"""Requests about Asterisk itself and about applications."""

from collections.abc import Iterable

from dialer.simulator.ari.asked import Asked
from dialer.simulator.ari.events import ASTERISK_ID, Application
from dialer.simulator.ari.refusals import RestError
from dialer.simulator.ari.world import World


def ping(world: World, _asked: Asked) -> object:
    """Answer that somebody is there."""
    return {
        "asterisk_id": ASTERISK_ID,
        "ping": "pong",
        "timestamp": world.events.timestamps.now(),
    }


def info(world: World, _asked: Asked) -> object:
    """Tell which Asterisk this claims to be."""
    return {
        "build": {"os": "Linux", "kernel": "simulated", "machine": "x86_64", "options": ""},
        "system": {"version": "22.10.1", "entity_id": ASTERISK_ID},
        "config": {"name": "simulator", "default_language": "en"},
        "status": {"startup_time": world.started_at, "last_reload_time": world.started_at},
    }


def configure(_world: World, _asked: Asked) -> object:
    """Take a dynamic configuration object: phones need none here."""
    return []


def endpoint(world: World, asked: Asked) -> object:
    """Tell whether an agent's phone is there (``/endpoints/PJSIP/<name>``)."""
    name = asked.args["resource"]
    return {
        "technology": asked.id,
        "resource": name,
        "state": "offline" if name in world.unregistered else "online",
        "channel_ids": [c.id for c in world.channels if c.number == name and not c.trunk],
    }


def application(world: World, asked: Asked) -> object:
    """Tell what an application is subscribed to."""
    return _as_ari(world, _application(world, asked))


def filter_events(world: World, asked: Asked) -> object:
    """Set which types of event the application wants."""
    found = _application(world, asked)
    found.allowed = _types(asked.body.get("allowed"))
    found.disallowed = _types(asked.body.get("disallowed"))
    return _as_ari(world, found)


def subscribe(world: World, asked: Asked) -> object:
    """Have the application told of a channel that may be another one's."""
    found = _application(world, asked)
    kind, _, channel_id = asked.need("eventSource").partition(":")
    channel = world.channels.get(channel_id)
    if kind != "channel" or channel is None:
        raise RestError(422, "Event source does not exist")
    channel.listeners.add(found.name)
    return _as_ari(world, found)


def unsubscribe(world: World, asked: Asked) -> object:
    """Tell the application no more of channels and bridges."""
    found = _application(world, asked)
    for source in asked.need("eventSource").split(","):
        kind, _, source_id = source.partition(":")
        channel, bridge = world.channels.get(source_id), world.bridges.get(source_id)
        if kind == "channel" and channel is not None:
            channel.listeners.discard(found.name)
        elif kind == "bridge" and bridge is not None:
            bridge.app = "" if bridge.app == found.name else bridge.app
        else:
            raise RestError(422, "Event source does not exist")
    return _as_ari(world, found)


def _application(world: World, asked: Asked) -> Application:
    found = world.events.applications.get(asked.id)
    if found is None:
        raise RestError(404, "Application not found")
    return found


def _types(given: object) -> frozenset[str]:
    if not isinstance(given, list):
        return frozenset()
    return frozenset(str(item["type"]) for item in given if isinstance(item, dict))


def _as_ari(world: World, found: Application) -> object:
    return {
        "name": found.name,
        "channel_ids": [c.id for c in world.channels if found.name in c.listeners],
        "bridge_ids": [b.id for b in world.bridges.values() if b.app == found.name],
        "endpoint_ids": [],
        "device_names": [],
        "events_allowed": _listed(found.allowed),
        "events_disallowed": _listed(found.disallowed),
    }


def _listed(types: Iterable[str]) -> list[dict[str, str]]:
    return [{"type": kind} for kind in sorted(types)]


ROUTES = {
    ("GET", "asterisk", "ping"): (ping, 200),
    ("GET", "asterisk", "info"): (info, 200),
    ("PUT", "asterisk", "config"): (configure, 200),
    ("GET", "asterisk", "config"): (configure, 200),
    ("DELETE", "asterisk", "config"): (configure, 204),
    ("GET", "endpoints", "*"): (endpoint, 200),
    ("GET", "applications", "*"): (application, 200),
    ("PUT", "applications", "eventFilter"): (filter_events, 200),
    ("POST", "applications", "subscription"): (subscribe, 200),
    ("DELETE", "applications", "subscription"): (unsubscribe, 200),
}
