"""Making channels, dialling them, and the people at their far ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from dialer.simulator.ari.causes import (
    CALLEE_LEFT,
    DIAL_TIMEOUT,
    DIALPLAN_ENDED,
    Ending,
    of_sip,
)
from dialer.simulator.ari.channels import Channel
from dialer.simulator.ari.people import answers, is_endless, progress, refusal
from dialer.simulator.ari.refusals import RestError
from dialer.simulator.ari.world import Invite, World
from dialer.simulator.behaviour import Behaviour
from dialer.simulator.population import NETWORK_RING_LIMIT_S

#: Seconds of the world until the carrier says 180 Ringing or 183 Session Progress.
PROGRESS_AFTER_S = 0.05


@dataclass(frozen=True, slots=True)
class NewChannel:
    """What a client asked for when it asked for a channel. An empty id: we make one."""

    id: str
    endpoint: str
    app: str
    app_args: tuple[str, ...] = ()
    variables: Mapping[str, str] | None = None


def create(world: World, asked: NewChannel, *, originated: bool = False) -> Channel:
    """Make a channel that is down.

    Raises:
        RestError: 409 when the id is taken, 500 when there is no such endpoint.
    """
    number, trunk = _resolve(world, asked.endpoint)
    serial = world.serial()
    created = world.events.timestamps.now()
    channel_id = asked.id or f"{world.loop.time():.3f}.{serial}"
    if world.channels.is_taken(channel_id):
        raise RestError(409, "Channel with given unique ID already exists")
    channel = Channel(
        id=channel_id,
        name=f"PJSIP/{trunk or number}-{serial:08x}",
        app=asked.app,
        app_args=asked.app_args,
        number=number,
        trunk=trunk,
        created=created,
        shown=world.shown,
        variables=dict(asked.variables or {}),
        in_stasis=not originated,
        originated=originated,
    )
    world.channels.add(channel)
    if not originated:
        world.soon(channel, world.enter_stasis)
    return channel


def _resolve(world: World, endpoint: str) -> tuple[str, str]:
    technology, _, rest = endpoint.partition("/")
    number, _, trunk = rest.partition("@")
    is_agent = (
        number.startswith(("agent-", "web-")) and not trunk and number not in world.unregistered
    )
    if technology != "PJSIP" or not number or not (trunk or is_agent):
        raise RestError(500, "Allocation failed")
    return number, trunk


def dial(world: World, channel: Channel, timeout_s: float) -> None:
    """Invite the far end; give up after ``timeout_s`` of the world's time (0: never)."""
    channel.dialled = True
    channel.changed()
    if channel.trunk:
        channel.person = _invite(world, channel)
    else:
        channel.person = world.agent_phone(channel.number)
    world.soon(channel, partial(world.tell_dial, result=""))
    if timeout_s > 0:
        world.after_real(
            channel, timeout_s / world.dial_speed, partial(world.hang_up, ending=DIAL_TIMEOUT)
        )
    _let_the_far_end_act(world, channel)


def _invite(world: World, channel: Channel) -> Behaviour:
    world.calls[channel.number] += 1
    nth_call = world.calls[channel.number]
    invite = Invite(
        world.events.timestamps.now(),
        channel.number,
        channel.trunk,
        channel.id,
        nth_call,
        dict(channel.variables),
    )
    world.invites.append(invite)
    world.on_invite(invite)
    return world.people.behaviour(channel.number, nth_call)


def _let_the_far_end_act(world: World, channel: Channel) -> None:
    person = channel.person
    if person is None:
        return
    sign = progress(person)
    if sign:
        show = partial(_ring if sign == "RINGING" else _play_early, world)
        usual_s = min(PROGRESS_AFTER_S, person.ring_s / 2 or PROGRESS_AFTER_S)
        world.after(channel, person.setup_s or usual_s, show)
    if answers(person):
        world.after(channel, person.ring_s, partial(answer, world))
        return
    refuse = partial(world.hang_up, ending=refusal(person))
    if is_endless(person):
        world.after_real(channel, NETWORK_RING_LIMIT_S, refuse)
    else:
        world.after(channel, person.ring_s, refuse)


def _ring(world: World, channel: Channel) -> None:
    channel.state = "Ringing"
    channel.changed()
    world.tell(channel, "ChannelStateChange")
    world.tell_dial(channel, "RINGING")


def _play_early(world: World, channel: Channel) -> None:
    world.tell_dial(channel, "PROGRESS")


def answer(world: World, channel: Channel) -> None:
    """Let the far end pick up now."""
    channel.quiet()
    channel.state = "Up"
    channel.changed()
    world.tell(channel, "ChannelStateChange")
    world.tell_dial(channel, "ANSWER")
    if channel.originated:
        _enter_originated(world, channel)
    if channel.person is not None and channel.person.talk_s > 0:
        world.after(channel, channel.person.talk_s, partial(leave, world))


def _enter_originated(world: World, channel: Channel) -> None:
    if world.events.is_connected(channel.app):
        world.enter_stasis(channel)
    else:
        world.hang_up(channel, Ending(0))


def leave(world: World, channel: Channel) -> None:
    """Let the far end hang up now."""
    world.hang_up(channel, CALLEE_LEFT if channel.is_up else of_sip(480))


def press(world: World, channel: Channel, digit: str) -> None:
    """Let the far end press a key."""
    world.tell(channel, "ChannelDtmfReceived", digit=digit, duration_ms=100)


def move(world: World, channel: Channel, app: str, args: str) -> None:
    """Give a channel to another application, if somebody is connected there."""
    if not world.events.is_connected(app):
        world.tell(channel, "ApplicationMoveFailed", destination=app, args=[])
        return
    world.tell(channel, "StasisEnd")
    channel.app, channel.app_args = app, tuple(args.split(",")) if args else ()
    world.enter_stasis(channel)


def go_on_in_dialplan(world: World, channel: Channel, context: str) -> None:
    """Send the channel into a context of the dialplan; it may come back, or end there."""
    channel.context = context
    world.leave_stasis(channel)
    run = world.dialplan.get(context)
    way_back = run(channel) if run else None
    if way_back is None:
        world.soon(channel, partial(world.hang_up, ending=DIALPLAN_ENDED))
        return
    channel.app_args = way_back.args
    world.after(channel, way_back.after_s, partial(_come_back, world))


def _come_back(world: World, channel: Channel) -> None:
    # With nobody connected Stasis() fails, and the next priority of the dialplan hangs up.
    if world.events.is_connected(channel.app):
        world.enter_stasis(channel)
    else:
        world.hang_up(channel, DIALPLAN_ENDED)


def snoop(world: World, spied: Channel, asked: NewChannel) -> Channel:
    """Make a channel that hears what ``spied`` says and hears.

    Raises:
        RestError: 409 when the id is taken.
    """
    if asked.id and world.channels.is_taken(asked.id):
        raise RestError(409, "Channel with given unique ID already exists")
    serial = world.serial()
    channel = Channel(
        id=asked.id or f"snoop-{serial:08x}",
        name=f"Snoop/{spied.id}-{serial:08x}",
        app=asked.app,
        app_args=asked.app_args,
        number=spied.number,
        trunk="",
        created=world.events.timestamps.now(),
        shown=world.shown,
        variables={},
        person=spied.person,
        state="Up",
    )
    world.channels.add(channel)
    spied.snoops.append(channel)
    world.soon(channel, world.enter_stasis)
    return channel
