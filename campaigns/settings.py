"""What a campaign can set: validated here, stored as JSON in ``campaign.settings``."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from campaigns.abandon_messages import Messages, mentions_key
from campaigns.amd.settings import AmdSettings
from campaigns.answer_quotas import AnswerQuotas
from campaigns.desk.settings import DeskSettings
from campaigns.forms.words import Ending
from campaigns.retries import RetryRule
from campaigns.selection import Selection
from campaigns.transfers import MOST_TARGETS, TransferTarget
from campaigns.wall.settings import WallOverrides
from compliance.counting.own_caps import OwnLimits
from compliance.hours.windows import parse_hours
from compliance.rulebook.rules import Channel, Party, Purpose, WindowTerms
from dialer.agent.states import AgentPolicy
from dialer.call.states import CallOutcome, CallPolicy
from dialer.pacing.policy import PacingMode

#: Below this many seconds of ringing a person has no fair chance to answer.
#: Source: 16 CFR 310.4(b)(4)(ii), 47 CFR 64.1200(a)(6).
LEAST_RING_S = 15.0


class AtLimit(StrEnum):
    """What becomes of a contact that an agent has read for as long as the campaign allows."""

    SKIP = "skip"  #: it is skipped, the next one is shown
    PAUSE = "pause"  #: it is let go, the agent is paused


def default_retry() -> dict[CallOutcome, RetryRule]:
    """Return the retry rules a campaign starts with; an outcome without a rule is final."""
    minutes, hours = 60, 3600
    return {
        CallOutcome.BUSY: RetryRule(after_s=15 * minutes),
        CallOutcome.NO_ANSWER: RetryRule(after_s=3 * hours),
        CallOutcome.MACHINE: RetryRule(after_s=4 * hours),
        CallOutcome.HUNG_UP_EARLY: RetryRule(after_s=24 * hours, max_attempts=3),
        CallOutcome.ABANDONED: RetryRule(after_s=72 * hours, max_attempts=3),
        CallOutcome.CONGESTION: RetryRule(after_s=1 * hours),
        CallOutcome.UNREACHABLE: RetryRule(after_s=3 * hours),
        CallOutcome.NO_RESPONSE: RetryRule(after_s=1 * hours),
        CallOutcome.CANCELLED: RetryRule(after_s=15 * minutes),
        CallOutcome.NOT_SENT: RetryRule(after_s=5 * minutes),
        CallOutcome.INTERRUPTED: RetryRule(after_s=15 * minutes),
    }


class CampaignSettings(BaseModel):
    """Every setting of a campaign, with the start value and its range."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    purpose: Purpose | None = None  #: what the law asks first; needed where people are called
    party: Party = Party.CONSUMER
    subject: Annotated[str, Field(max_length=100)] = ""  #: caps by subject; "" = this campaign
    mode: PacingMode = PacingMode.PROGRESSIVE
    dial_ratio: Annotated[float, Field(ge=1, le=5)] = 1.0  #: calls per ready agent in power mode
    abandon_target: Annotated[float, Field(ge=0, le=0.05)] = (
        0.029  #: share of answers, predictive mode
    )
    abandon_ceiling: Annotated[float, Field(gt=0, le=0.05)] = (
        0.03  #: never passed; a law may lower it
    )
    target_occupancy: Annotated[float, Field(gt=0, le=1)] | None = (
        None  #: busy share that is enough
    )
    max_ratio: Annotated[float, Field(ge=1, le=20)] | None = None  #: calls per agent at work
    least_agents: Annotated[int, Field(ge=0, le=1000)] = 0  #: with fewer, progressive
    cancel_ringing: bool = True  #: give up ringing calls that would find no agent
    ring_timeout_s: Annotated[float, Field(ge=LEAST_RING_S, le=60)] = 25.0
    max_wait_s: Annotated[float, Field(gt=0, le=2)] = 2.0  #: answer to agent
    wrap_up_s: Annotated[float, Field(ge=0, le=600)] = 30.0
    wrap_up_extensions: Annotated[int, Field(ge=0, le=10)] = 0  #: times an agent may have more
    wrap_up_extension_s: Annotated[float, Field(ge=5, le=600)] = 30.0
    pause_undisposed: bool = False  #: who lets a wrap-up run out is paused
    call_tone: bool = True  #: agents hear a short tone as a call comes into their leg
    record: bool = True
    record_pausable: bool = False  #: agents may make gaps in a recording
    announce_recording: bool = False  #: tell both sides, also where no law wants it
    recording_announcements: Messages = Field(default_factory=dict)
    transfer_targets: Annotated[tuple[TransferTarget, ...], Field(max_length=MOST_TARGETS)] = ()
    abandon_message: bool = True
    abandon_messages: Messages = Field(default_factory=dict)  #: by language
    opt_out_key: Annotated[str, Field(pattern=r"^[0-9*#]?$")] = "9"  #: "" = no key opts out
    opt_out_confirmations: Messages = Field(default_factory=dict)
    amd: AmdSettings | None = None  #: listen for answering machines; None: do not
    hours: dict[str, list[tuple[str, str]]] | None = (
        None  #: weekday -> windows, local to the contact
    )
    starts_at: AwareDatetime | None = None  #: a draft starts by itself then
    ends_at: AwareDatetime | None = None  #: it is stopped then
    max_attempts: Annotated[int, Field(ge=1, le=50)] = 6
    max_attempts_per_day: Annotated[int, Field(ge=1, le=20)] = 3  #: to one number
    max_attempts_per_person_per_day: Annotated[int, Field(ge=1, le=20)] | None = None
    max_attempts_per_person_per_week: Annotated[int, Field(ge=1, le=50)] | None = None
    max_conversations_per_person_per_month: Annotated[int, Field(ge=1, le=50)] | None = None
    quiet_hours_after_conversation: Annotated[int, Field(ge=1, le=8760)] | None = None
    quiet_hours_after_refusal: Annotated[int, Field(ge=1, le=8760)] | None = None
    preview_limit_s: Annotated[int, Field(ge=5, le=600)] | None = None  #: to read a contact
    preview_at_limit: AtLimit = AtLimit.SKIP
    preview_skips: bool = True  #: an agent may skip a contact
    manual_dial: bool = False  #: agents may choose whom to call; preview mode only
    retry: dict[CallOutcome, RetryRule] = Field(default_factory=default_retry)
    retry_dispositions: dict[str, RetryRule] = Field(default_factory=dict)  #: by code
    script: Annotated[str, Field(max_length=60)] | None = None  #: its code; what operators say
    callback_grace_s: Annotated[int, Field(ge=0, le=86_400)] = 900  #: then anybody may keep it
    form: Annotated[str, Field(pattern=r"^([A-Za-z][A-Za-z0-9_-]{0,63})?$")] = (
        ""  #: code of the published form; "" = none
    )
    form_dispositions: dict[Ending, str] = Field(default_factory=dict)  #: suggested, by ending
    answer_quotas: AnswerQuotas = ()
    selection: Selection = Field(default_factory=Selection)
    hopper_size: Annotated[int, Field(ge=1, le=2000)] = 100
    desk: DeskSettings = Field(default_factory=DeskSettings)  #: what agents see and may change
    wall: WallOverrides = Field(default_factory=WallOverrides)  #: targets and alarms' limits

    @field_validator("hours")
    @classmethod
    def _hours_must_parse(
        cls, value: dict[str, list[tuple[str, str]]] | None
    ) -> dict[str, list[tuple[str, str]]] | None:
        if value is not None:
            parse_hours(value)
        return value

    @model_validator(mode="after")
    def _pacing_must_not_contradict_itself(self) -> "CampaignSettings":
        if self.abandon_target > self.abandon_ceiling:
            raise ValueError("abandon_target must not be above abandon_ceiling")
        ratio = self.max_ratio
        if self.mode is PacingMode.POWER and ratio is not None and ratio < self.dial_ratio:
            raise ValueError("max_ratio must not be below dial_ratio")
        return self

    @model_validator(mode="after")
    def _must_end_after_it_starts(self) -> "CampaignSettings":
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be after starts_at")
        return self

    @field_validator("preview_at_limit", mode="before")
    @classmethod
    def _no_machine_dials_a_preview(cls, value: Any) -> Any:
        if value == "dial":
            raise ValueError(
                "a machine would then dial, not the agent, and the law that lets agents dial would"
                " not hold: choose skip or pause"
            )
        return value

    @model_validator(mode="after")
    def _who_may_not_skip_cannot_wait_either(self) -> "CampaignSettings":
        waits = self.preview_limit_s is not None and self.preview_at_limit is AtLimit.SKIP
        if waits and not self.preview_skips:
            raise ValueError(
                "preview_skips is false, but waiting for preview_limit_s would skip:"
                " set preview_at_limit to pause"
            )
        return self

    @field_validator("transfer_targets")
    @classmethod
    def _one_target_a_code(cls, value: tuple[TransferTarget, ...]) -> tuple[TransferTarget, ...]:
        if len({target.code for target in value}) < len(value):
            raise ValueError("two transfer targets have the same code")
        return value

    @model_validator(mode="after")
    def _a_key_that_is_named_must_be_there(self) -> "CampaignSettings":
        for messages in (self.abandon_messages, self.opt_out_confirmations):
            if not self.opt_out_key and mentions_key(messages):
                raise ValueError("a message names the key that opts out, but opt_out_key is empty")
        return self

    def transfer_target(self, code: str) -> TransferTarget | None:
        """Return the third party of a code; None when there is none."""
        return next((target for target in self.transfer_targets if target.code == code), None)

    @model_validator(mode="after")
    def _quotas_on_answers_need_a_form(self) -> "CampaignSettings":
        if self.answer_quotas and not self.form:
            raise ValueError("answer_quotas: there is no form whose answers could be counted")
        return self

    def calling_hours(self) -> WindowTerms | None:
        """Return the hours in the gate's form; None when nobody set them."""
        return parse_hours(self.hours) if self.hours is not None else None

    def agents_dial(self) -> bool:
        """Tell whether agents read, choose and dial: then each call has its agent from the start."""
        return self.mode is PacingMode.PREVIEW

    def channel(self) -> Channel:
        """Return how the law sees the calls: whatever chooses and dials for a person is a machine.

        In preview mode a person reads each contact, decides and dials; whoever may not skip decides
        nothing, so a machine chose.

        Source: Fla. Stat. 501.059(8)(a) ("selection and dialing"); 38-FZ art. 18(2) (Russia).
        """
        return Channel.HUMAN if self.agents_dial() and self.preview_skips else Channel.PREDICTIVE

    def own_limits(self) -> OwnLimits:
        """Return the campaign's own limits in the form of the law's."""
        return OwnLimits(
            attempts_per_number_per_day=self.max_attempts_per_day,
            attempts_per_person_per_day=self.max_attempts_per_person_per_day,
            attempts_per_person_per_week=self.max_attempts_per_person_per_week,
            conversations_per_person_per_month=self.max_conversations_per_person_per_month,
            quiet_hours_after_conversation=self.quiet_hours_after_conversation,
            quiet_hours_after_refusal=self.quiet_hours_after_refusal,
        )

    def call_policy(self) -> CallPolicy:
        """Return the part the call machine needs."""
        return CallPolicy(
            self.ring_timeout_s,
            self.max_wait_s,
            self.record,
            self.abandon_message,
            self.opt_out_key if self.abandon_message else "",
            analysis=self.amd.policy() if self.amd else None,
            may_pause_recording=self.record_pausable,
            announce=self.announce_recording,
        )

    @property
    def longest_dial_s(self) -> float:
        """Return how long after its dial a call may still ring, seconds."""
        return self.call_policy().dial_timeout_s

    def agent_policy(self) -> AgentPolicy:
        """Return the part the agent machine needs."""
        return AgentPolicy(
            wrap_up_s=self.wrap_up_s,
            wrap_up_extensions=self.wrap_up_extensions,
            wrap_up_extension_s=self.wrap_up_extension_s,
            pause_undisposed=self.pause_undisposed,
        )
