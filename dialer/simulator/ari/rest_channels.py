"""Requests about channels and the prompts played to them."""

from functools import partial

from dialer.simulator.ari import calls
from dialer.simulator.ari.asked import Asked, channel_of, controlled
from dialer.simulator.ari.causes import of_delete
from dialer.simulator.ari.media import Playback
from dialer.simulator.ari.refusals import RestError
from dialer.simulator.ari.world import World

#: Seconds POST /channels lets the far end ring when no timeout is given. Source: Asterisk 22, ARI.
ORIGINATE_TIMEOUT_S = 30.0

_PACKETS_PER_S = 50

#: Subresources that are taken and change nothing anybody can see here.
_QUIET = ("mute", "hold", "silence", "ring", "progress")


def listing(world: World, _asked: Asked) -> object:
    """List all channels."""
    return [channel.snapshot() for channel in world.channels]


def get(world: World, asked: Asked) -> object:
    """Show one channel."""
    return channel_of(world, asked).snapshot()


def _new(asked: Asked, channel_id: str) -> calls.NewChannel:
    args = asked.args.get("appArgs", "")
    return calls.NewChannel(
        id=channel_id,
        endpoint=asked.args.get("endpoint", ""),
        app=asked.need("app"),
        app_args=tuple(args.split(",")) if args else (),
        variables=asked.variables(),
    )


def create(world: World, asked: Asked) -> object:
    """Make a channel in Stasis, not yet dialled."""
    asked.need("endpoint")
    return calls.create(world, _new(asked, asked.args.get("channelId", ""))).snapshot()


def originate(world: World, asked: Asked) -> object:
    """Make a channel and dial it; it enters Stasis when answered."""
    asked.need("endpoint")
    new = _new(asked, asked.id or asked.args.get("channelId", ""))
    channel = calls.create(world, new, originated=True)
    calls.dial(world, channel, float(asked.args.get("timeout", ORIGINATE_TIMEOUT_S)))
    return channel.snapshot()


def dial(world: World, asked: Asked) -> object:
    """Dial a channel that was created."""
    channel = controlled(world, asked)
    if channel.dialled or channel.state != "Down":
        raise RestError(409, "Channel is not in the 'Down' state")
    calls.dial(world, channel, float(asked.args.get("timeout", 0)))
    return None


def hang_up(world: World, asked: Asked) -> object:
    """Hang up, once the request has been answered."""
    ending = of_delete(asked.args.get("reason_code", ""), asked.args.get("reason", ""))
    world.soon(channel_of(world, asked), partial(world.hang_up, ending=ending))
    return None


def answer(world: World, asked: Asked) -> object:
    """Answer a channel; one that is up stays so."""
    channel = controlled(world, asked)
    if not channel.is_up:
        calls.answer(world, channel)
    return None


def move(world: World, asked: Asked) -> object:
    """Give a channel to another application; it stays in its bridge."""
    channel = controlled(world, asked)
    target, args = asked.need("app"), asked.args.get("appArgs", "")
    world.soon(channel, partial(calls.move, world, app=target, args=args))
    return None


def go_on(world: World, asked: Asked) -> object:
    """Leave Stasis and go on in the dialplan."""
    context = asked.args.get("context", "default")
    go = partial(calls.go_on_in_dialplan, world, context=context)
    world.soon(controlled(world, asked), go)
    return None


def snoop(world: World, asked: Asked) -> object:
    """Make a snoop channel."""
    spied = channel_of(world, asked)
    return calls.snoop(world, spied, _new(asked, asked.args.get("snoopId", ""))).snapshot()


def get_variable(world: World, asked: Asked) -> object:
    """Show one channel variable."""
    value = channel_of(world, asked).variables.get(asked.need("variable"))
    if value is None:
        raise RestError(404, "Provided variable was not found")
    return {"value": value}


def set_variable(world: World, asked: Asked) -> object:
    """Set one channel variable."""
    channel = controlled(world, asked)
    name, value = asked.need("variable"), asked.args.get("value", "")
    channel.variables[name] = value
    channel.changed()
    world.tell(channel, "ChannelVarset", variable=name, value=value)
    return None


def quiet(world: World, asked: Asked) -> object:
    """Take a request that changes nothing here."""
    controlled(world, asked)
    return None


def start_music(world: World, asked: Asked) -> object:
    """Play music on hold to a channel."""
    controlled(world, asked).hears_music = True
    return None


def stop_music(world: World, asked: Asked) -> object:
    """End the music; where there is none, nothing happens."""
    controlled(world, asked).hears_music = False
    return None


def rtp_statistics(world: World, asked: Asked) -> object:
    """Count the packets of a telephone that sends one every 20 ms, as long as it sends."""
    channel = channel_of(world, asked)
    until_s = world.loop.time() if channel.silent_since_s is None else channel.silent_since_s
    return {"channel_uniqueid": channel.id, "rxcount": int(until_s * _PACKETS_PER_S), "txcount": 0}


def send_keys(world: World, asked: Asked) -> object:
    """Send keys to the far end."""
    controlled(world, asked).keys += asked.need("dtmf")
    return None


def play(world: World, asked: Asked) -> object:
    """Play a prompt to the channel; a second one waits for the first."""
    channel = controlled(world, asked)
    playback = Playback(
        asked.args.get("playbackId") or f"playback-{world.serial():08x}",
        channel.app,
        f"channel:{channel.id}",
        asked.need("media"),
        asked.args.get("lang", "en"),
    )
    world.queue_playback(playback, channel)
    return playback.as_ari()


def stop_playback(world: World, asked: Asked) -> object:
    """Stop a prompt."""
    playback = world.playbacks.get(asked.id)
    if playback is None:
        raise RestError(404, "Playback not found")
    world.end_playback(playback, "done")
    return None


def get_playback(world: World, asked: Asked) -> object:
    """Show a prompt that is playing or queued."""
    playback = world.playbacks.get(asked.id)
    if playback is None:
        raise RestError(404, "Playback not found")
    return playback.as_ari()


ROUTES = {
    ("GET", "channels", ""): (listing, 200),
    ("GET", "channels", "*"): (get, 200),
    ("POST", "channels", "create"): (create, 200),
    ("POST", "channels", ""): (originate, 200),
    ("POST", "channels", "*"): (originate, 200),
    ("POST", "channels", "dial"): (dial, 204),
    ("DELETE", "channels", "*"): (hang_up, 204),
    ("POST", "channels", "answer"): (answer, 204),
    ("POST", "channels", "continue"): (go_on, 204),
    ("POST", "channels", "move"): (move, 204),
    ("POST", "channels", "snoop"): (snoop, 200),
    ("GET", "channels", "variable"): (get_variable, 200),
    ("GET", "channels", "rtp_statistics"): (rtp_statistics, 200),
    ("POST", "channels", "variable"): (set_variable, 204),
    ("POST", "channels", "play"): (play, 201),
    ("POST", "channels", "moh"): (start_music, 204),
    ("DELETE", "channels", "moh"): (stop_music, 204),
    ("POST", "channels", "dtmf"): (send_keys, 204),
    ("GET", "playbacks", "*"): (get_playback, 200),
    ("DELETE", "playbacks", "*"): (stop_playback, 204),
    **{("POST", "channels", what): (quiet, 204) for what in _QUIET},
    **{("DELETE", "channels", what): (quiet, 204) for what in _QUIET},
}
