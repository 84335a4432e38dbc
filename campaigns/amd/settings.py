"""What a campaign sets about answering machines, checked; and the arguments Asterisk gets of it. Pure."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from campaigns.abandon_messages import OPT_OUT_KEY, Listener, Messages, chosen, filled
from dialer.call.verdicts import AnalysisPolicy

#: Beyond Asterisk's own limit of the analysis: its set-up, and a busy machine.
_LATE_MARGIN_S = 1.5

_Milliseconds = Annotated[int, Field(ge=20, le=10_000)]


class MachineAction(StrEnum):
    """What happens to a call that a machine answered."""

    HANG_UP = "hang_up"
    LEAVE_MESSAGE = "leave_message"  #: where law and language allow it; elsewhere it is hung up


class AmdParameters(BaseModel):
    """How a greeting is told from a person's: arguments of Asterisk's AMD(), in milliseconds.

    The start values are those that did best on clips (docs/amd.md): with Asterisk's own, an ordinary
    greeting of three words is a machine's.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    initial_silence_ms: _Milliseconds = 2000  #: nobody speaks for so long
    greeting_ms: _Milliseconds = 2000  #: the longest greeting of a person
    after_greeting_silence_ms: _Milliseconds = (
        500  #: a person waits for an answer; adds to the wait
    )
    total_analysis_ms: _Milliseconds = 4000
    min_word_ms: _Milliseconds = 100  #: shorter sounds are none
    between_words_ms: _Milliseconds = 50
    max_words: Annotated[int, Field(ge=1, le=20)] = 4  #: as many are a machine's
    silence_threshold: Annotated[int, Field(ge=50, le=4000)] = (
        256  #: 0..32767; a noisy line needs about 700
    )
    max_word_ms: _Milliseconds = 1500  #: one sound as long is a machine's

    @model_validator(mode="after")
    def _must_be_able_to_end(self) -> "AmdParameters":
        if self.greeting_ms + self.after_greeting_silence_ms > self.total_analysis_ms:
            raise ValueError(
                "greeting_ms and after_greeting_silence_ms are longer than total_analysis_ms:"
                " no person could be recognised"
            )
        if self.initial_silence_ms > self.total_analysis_ms:
            raise ValueError("initial_silence_ms is longer than total_analysis_ms")
        if self.min_word_ms >= self.max_word_ms:
            raise ValueError("min_word_ms must be below max_word_ms")
        if self.between_words_ms >= self.after_greeting_silence_ms:
            raise ValueError("between_words_ms must be below after_greeting_silence_ms")
        return self

    def arguments(self) -> str:
        """Return the arguments in AMD()'s order."""
        values = (
            *(self.initial_silence_ms, self.greeting_ms, self.after_greeting_silence_ms),
            *(self.total_analysis_ms, self.min_word_ms, self.between_words_ms, self.max_words),
            *(self.silence_threshold, self.max_word_ms),
        )
        return ",".join(map(str, values))


class AmdSettings(BaseModel):
    """What a campaign that listens for answering machines wants; a campaign without it does not."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    on_machine: MachineAction = MachineAction.HANG_UP
    parameters: AmdParameters = Field(default_factory=AmdParameters)
    by_language: dict[str, AmdParameters] = Field(default_factory=dict)  #: of the contact
    silence_is_machine: bool = False  #: whether who says nothing is a machine
    audit_share: Annotated[float, Field(ge=0.01, le=1)] = 0.1  #: of the verdicts "machine"
    review_share: Annotated[float, Field(ge=0, le=1)] = 0.2  #: of those acted on: for a reviewer
    keep_greetings: bool = False  #: of calls that are not recorded, for the reviewer
    max_false_positive_rate: Annotated[float, Field(gt=0, le=0.05)] = (
        0.01  #: of all people; above it the detection switches itself off
    )
    messages: Messages = Field(default_factory=dict)  #: left after the greeting, by language
    end_silence_ms: Annotated[int, Field(ge=500, le=5000)] = 2000  #: so long a silence ends it
    greeting_limit_s: Annotated[int, Field(ge=5, le=60)] = 30  #: the longest wait for that

    @field_validator("by_language")
    @classmethod
    def _must_be_languages(cls, value: dict[str, AmdParameters]) -> dict[str, AmdParameters]:
        for language in value:
            if re.fullmatch("[a-z]{2}", language) is None:
                raise ValueError(f'"{language}" is no language: give two small letters')
        return value

    @model_validator(mode="after")
    def _must_not_contradict_itself(self) -> "AmdSettings":
        leaves = self.on_machine is MachineAction.LEAVE_MESSAGE
        if leaves and not self.messages:
            raise ValueError("on_machine is leave_message, but there is no message")
        if self.messages and not leaves:
            raise ValueError("there are messages, but on_machine does not leave them")
        if any(OPT_OUT_KEY in part for parts in self.messages.values() for part in parts):
            raise ValueError("a message names the key that opts out, but a machine presses none")
        if 2 * self.end_silence_ms > 1000 * self.greeting_limit_s:
            raise ValueError("greeting_limit_s leaves no time for a silence of end_silence_ms")
        if leaves and self.audit_share >= 1:
            raise ValueError("all verdicts are audited: no machine would ever hear the message")
        return self

    def arguments(self, language: str | None) -> str:
        """Return the arguments of AMD() for a person's language (ISO 639-1)."""
        return self.by_language.get(language or "", self.parameters).arguments()

    def silence_arguments(self) -> str:
        """Return the arguments of WaitForSilence() that find the end of a greeting."""
        return f"{self.end_silence_ms},1,{self.greeting_limit_s}"

    def message(self, listener: Listener) -> str:
        """Return the message as one list of media URIs; "" when there is none in the language."""
        return filled(chosen(self.messages, listener) or (), listener)

    def has_message(self, language: str | None) -> bool:
        """Tell whether a person of this language can be left a message."""
        return chosen(self.messages, Listener(language)) is not None

    def policy(self) -> AnalysisPolicy:
        """Return the part the call machine needs."""
        all_of = (self.parameters, *self.by_language.values())
        longest_ms = max(one.total_analysis_ms for one in all_of)
        return AnalysisPolicy(
            audit_share=self.audit_share,
            limit_s=longest_ms / 1000 + _LATE_MARGIN_S,
            silence_is_machine=self.silence_is_machine,
            leave_message=self.on_machine is MachineAction.LEAVE_MESSAGE,
            greeting_limit_s=self.greeting_limit_s,
            review_share=self.review_share,
            keep_greeting=self.keep_greetings,
        )


def languages_without(messages: Mapping[str, object], languages: set[str | None]) -> set[str]:
    """Return the languages of contacts for which there is no message; "" stands for none."""
    if "" in messages:
        return set()
    return {language or "" for language in languages if not language or language not in messages}
