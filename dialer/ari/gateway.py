"""Our wishes as requests to Asterisk."""

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from math import ceil
from uuid import UUID

from dialer.ari import names
from dialer.ari.comfort import Comforting
from dialer.ari.connection import AriConnection
from dialer.ari.errors import AriRefused
from dialer.ari.live import Live, read_live

#: Events we never look at: not sending them halves the traffic of a call.
_UNWANTED_EVENTS = (
    "ChannelVarset",
    "ChannelDialplan",
    "ChannelConnectedLine",
    "ChannelCallerId",
    "ChannelCreated",
    "BridgeCreated",
    "BridgeDestroyed",
    "BridgeVideoSourceChanged",
    "DeviceStateChanged",
    "PlaybackStarted",
    "PlaybackContinuing",
    "ChannelToneDetected",
)

#: Waits between attempts to dial a leg that is not under our control yet.
_DIAL_RETRIES_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1)

#: An application may be subscribed to one thing more than once: by making it, and by having it.
_MOST_SUBSCRIPTIONS = 5

#: Until an agent's leg is picked up; a softphone answers by itself.
AGENT_RING_S = 20

#: The dialplan contexts that start a recording, analyse a greeting and wait for its end; each hands the
#: channel back.
RECORDING_CONTEXT, ANALYSIS_CONTEXT, GREETING_CONTEXT = "mixmon", "amd", "greeting"


@dataclass(frozen=True, slots=True)
class CustomerDial:
    """One dial of a customer."""

    attempt_id: UUID
    endpoint: str  #: e.g. PJSIP/+74951234567@carrier
    caller_id: str | None  #: E.164
    caller_name: str
    timeout_s: float  #: Asterisk ends the dial after it: set-up and ringing together
    recording_file: str | None  #: as Asterisk names it; None = no recording


@dataclass(frozen=True, slots=True)
class Prompt:
    """What is played to a person."""

    media: str  #: media URIs, comma-separated
    language: str | None = None  #: of Asterisk's own sounds; None: Asterisk's usual one


class Gateway(Comforting):
    """Requests of one campaign's runner. Every method may raise ``AriRefused`` or ``AriUnavailable``."""

    def __init__(self, connection: AriConnection, campaign_id: UUID) -> None:
        """Send on ``connection`` for a campaign."""
        self._connection = connection
        self._campaign_id = campaign_id
        self._application = names.application(campaign_id)

    async def prepare(self) -> None:
        """Tell Asterisk which events we do not want. Needed after every (re)connection."""
        await self._connection.request(
            "PUT",
            f"applications/{self._application}/eventFilter",
            body={"disallowed": [{"type": name} for name in _UNWANTED_EVENTS]},
            operation="filter_events",
        )

    async def create_customer(self, dial: CustomerDial) -> None:
        """Make the customer's leg; nothing is sent to the network yet."""
        variables = {
            names.ROLE: names.Role.CUSTOMER.value,
            names.ID: dial.attempt_id.hex,
            names.CAMPAIGN: self._campaign_id.hex,
            "OD_APP": self._application,
        }
        if dial.recording_file is not None:
            variables |= {"OD_REC": dial.recording_file, "OD_REC_OPTS": "D"}
        if dial.caller_id is not None:
            variables |= connected_line(dial.caller_id, dial.caller_name)
        await self._create(names.customer_channel(dial.attempt_id), dial.endpoint, variables)

    async def dial_customer(self, dial: CustomerDial) -> None:
        """Send the INVITE of a leg made by ``create_customer``."""
        await self._dial(names.customer_channel(dial.attempt_id), dial.timeout_s)

    async def dial_agent(self, session_id: UUID, endpoint: str, channel_id: str) -> None:
        """Dial an agent's leg under a new channel id."""
        variables = {
            names.ROLE: names.Role.AGENT.value,
            names.ID: session_id.hex,
            names.CAMPAIGN: self._campaign_id.hex,
            names.AGENT_LEG_HEADER: session_id.hex,
        }
        await self.dial_leg(channel_id, endpoint, variables, AGENT_RING_S)

    async def dial_leg(
        self, channel_id: str, endpoint: str, variables: dict[str, str], timeout_s: float
    ) -> None:
        """Make a leg of ours and dial it."""
        await self._create(channel_id, endpoint, variables)
        await self._dial(channel_id, timeout_s)

    async def _create(self, channel_id: str, endpoint: str, variables: dict[str, str]) -> None:
        query = {"endpoint": endpoint, "app": self._application, "channelId": channel_id}
        await self._connection.request(
            "POST", "channels/create", query, {"variables": variables}, operation="create_channel"
        )

    async def _dial(self, channel_id: str, timeout_s: float) -> None:
        """Dial a leg just made. Asterisk answers "create" a moment before the leg is ours (409)."""
        query = {"timeout": str(ceil(timeout_s))}
        await self._retried(f"channels/{channel_id}/dial", query, "dial")

    async def _retried(self, path: str, query: dict[str, str], operation: str) -> None:
        for pause_s in _DIAL_RETRIES_S:
            try:
                await self._connection.request("POST", path, query, operation=operation)
            except AriRefused as error:
                if error.http_code != HTTPStatus.CONFLICT:
                    raise
                await asyncio.sleep(pause_s)
            else:
                return
        await self._connection.request("POST", path, query, operation=operation)

    async def take_leg(self, channel_id: str) -> None:
        """Take an agent's leg over from another campaign, in the bridge it is in.

        It is ours when its ``StasisStart`` comes, with the argument ``names.MOVED``.
        """
        application, channel = self._application, f"channels/{channel_id}"
        # Without it only the application that made the leg hears its end (docs/telephony.md).
        await self._connection.request(
            "POST",
            f"applications/{application}/subscription",
            {"eventSource": f"channel:{channel_id}"},
            operation="hear_leg",
        )
        move = {"app": application, "appArgs": names.MOVED}
        await self._connection.request("POST", f"{channel}/move", move, operation="move_leg")
        ours = {"variable": names.CAMPAIGN, "value": self._campaign_id.hex}
        await self._connection.request("POST", f"{channel}/variable", ours, operation="name_leg")

    async def let_go(self, channel_id: str, bridge_id: str) -> None:
        """Hear no more of an agent's leg and bridge that another campaign has, or is about to take."""
        path = f"applications/{self._application}/subscription"
        sources = [f"channel:{channel_id}", f"bridge:{bridge_id}"]
        for _ in range(_MOST_SUBSCRIPTIONS):  # each request takes one of several away
            query = {"eventSource": ",".join(sources)}
            left = await self._connection.request("DELETE", path, query, operation="let_go")
            heard = {*left["channel_ids"], *left["bridge_ids"]}
            sources = [one for one in sources if one.partition(":")[2] in heard]
            if not sources:
                return

    async def make_bridge(self, session_id: UUID) -> str:
        """Make an agent's bridge and return its id.

        ``dtmf_events`` keeps key presses visible: a plain bridge of two UDP legs would go native.
        """
        bridge_id = names.new_bridge()
        query = {"type": "mixing,dtmf_events", "name": names.bridge_name(session_id)}
        await self._connection.request(
            "POST", f"bridges/{bridge_id}", query, operation="make_bridge"
        )
        return bridge_id

    async def drop_bridge(self, bridge_id: str) -> None:
        """Remove a bridge; one that is gone already is fine."""
        await self._unless_gone("DELETE", f"bridges/{bridge_id}", {}, "drop_bridge")

    async def add_to_bridge(self, bridge_id: str, channel_id: str) -> None:
        """Put a channel into a bridge."""
        await self._connection.request(
            "POST",
            f"bridges/{bridge_id}/addChannel",
            {"channel": channel_id},
            operation="add_to_bridge",
        )

    async def add_customer(self, bridge_id: str, attempt_id: UUID) -> None:
        """Put a customer into an agent's bridge: this is the connection."""
        await self.add_to_bridge(bridge_id, names.customer_channel(attempt_id))

    async def start_recording(self, attempt_id: UUID) -> None:
        """Start the stereo recording; the channel comes back as ``RecordingStarted``."""
        channel = names.customer_channel(attempt_id)
        await self._continue(channel, RECORDING_CONTEXT, "start_recording")

    async def _continue(self, channel_id: str, context: str, operation: str) -> None:
        """Send a leg into a context of the dialplan."""
        query = {"context": context, "extension": "s", "priority": "1"}
        path = f"channels/{channel_id}/continue"
        await self._connection.request("POST", path, query, operation=operation)

    async def start_analysis(
        self, attempt_id: UUID, arguments: str, file: str | None = None
    ) -> None:
        """Have what the customer says analysed beside the call; then ``AnalysisFinished``.

        ``arguments`` are those of AMD(); ``file``, as Asterisk names it, keeps what was heard.
        """
        spied, listener = names.customer_channel(attempt_id), names.analysis_channel(attempt_id)
        query = {"spy": "in", "app": self._application, "snoopId": listener}
        path = f"channels/{spied}/snoop"
        try:
            await self._connection.request("POST", path, query, operation="snoop")
        except AriRefused as error:
            if error.http_code != HTTPStatus.CONFLICT:
                raise
            return  # a former owner's still listens: its verdict comes to us
        variables = {"OD_APP": self._application, "OD_AMD": arguments}
        if file is not None:
            variables |= {"OD_REC": file, "OD_REC_OPTS": "D"}
        for name, value in variables.items():
            await self._when_ours(f"channels/{listener}/variable", name, value)
        await self._continue(listener, ANALYSIS_CONTEXT, "start_analysis")

    async def _when_ours(self, path: str, name: str, value: str) -> None:
        """Set a variable of a leg just made, as soon as it is under our control."""
        query = {"variable": name, "value": value}
        await self._retried(path, query, "set_variable")

    async def end_analysis(self, attempt_id: UUID) -> None:
        """Remove the leg that listened; one that is gone already is fine."""
        await self.hang_up(names.analysis_channel(attempt_id))

    async def await_greeting_end(self, attempt_id: UUID, arguments: str) -> None:
        """Take a customer out of any bridge and wait for silence; then ``GreetingOver``.

        ``arguments`` are those of WaitForSilence().
        """
        channel = names.customer_channel(attempt_id)
        await self._when_ours(f"channels/{channel}/variable", "OD_SILENCE", arguments)
        await self._continue(channel, GREETING_CONTEXT, "await_greeting_end")

    async def play_message(self, attempt_id: UUID, prompt: Prompt) -> None:
        """Play the abandon message to a customer; its end comes as ``MessageFinished``."""
        await self._play(attempt_id, names.playback(attempt_id), prompt)

    async def play_confirmation(self, attempt_id: UUID, prompt: Prompt) -> None:
        """Stop the message and play another prompt; its end comes as ``ConfirmationFinished``."""
        message = names.playback(attempt_id)
        await self._unless_gone("DELETE", f"playbacks/{message}", {}, "stop_playback")
        await self._play(attempt_id, names.confirmation(attempt_id), prompt)

    async def _play(self, attempt_id: UUID, playback_id: str, prompt: Prompt) -> None:
        query = {"media": prompt.media, "playbackId": playback_id}
        if prompt.language is not None:
            query["lang"] = prompt.language
        channel = names.customer_channel(attempt_id)
        await self._connection.request("POST", f"channels/{channel}/play", query, operation="play")

    async def hang_up_customer(self, attempt_id: UUID) -> bool:
        """End a customer's leg; False when it was gone already."""
        return await self.hang_up(names.customer_channel(attempt_id))

    async def hang_up(self, channel_id: str) -> bool:
        """End a channel; False when it was gone already."""
        query = {"reason_code": "16"}
        return await self._unless_gone("DELETE", f"channels/{channel_id}", query, "hang_up")

    async def _unless_gone(
        self, method: str, path: str, query: dict[str, str], operation: str
    ) -> bool:
        try:
            await self._connection.request(method, path, query, operation=operation)
        except AriRefused as error:
            if not error.is_gone:
                raise
            return False
        return True

    async def live(self) -> Live:
        """Read what Asterisk has of this campaign: the truth after a gap."""
        return await read_live(self._connection, self._campaign_id)


def connected_line(number: str, name: str = "") -> dict[str, str]:
    """Return the variables that make the INVITE's From header name us."""
    # CALLERID() on a leg made by "create" is not what PJSIP sends; the connected line is (measured).
    return {"CONNECTEDLINE(all)": f'"{name}" <{number}>' if name else f"<{number}>"}
