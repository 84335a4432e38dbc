"""Tables: recording, recording policy."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Column, Index, LargeBinary, String, text
from sqlmodel import Field, SQLModel

from dialer.db import UtcDateTime, text_enum


class RecordingState(StrEnum):
    """Where a recording is in its life."""

    RAW = "raw"  #: Asterisk's file could not be made a WAV yet: ``reason`` says why
    WAITING = "waiting"  #: a WAV that is not in the storage yet
    KEPT = "kept"  #: compressed, sealed, stored, read back
    FAILED = "failed"  #: there is no audio: ``reason`` says why
    DELETING = "deleting"  #: its key is gone, its file goes
    DELETED = "deleted"


class Reason(StrEnum):
    """Why a recording is not kept yet, or is not there."""

    NONE = ""
    DISK_FULL = "disk_full"
    STORE_AWAY = "store_away"
    NOT_READABLE = "not_readable"
    NOT_FAITHFUL = "not_faithful"
    SEAL_BROKEN = "seal_broken"
    NO_KEY = "no_key"
    RAW_MISSING = "raw_missing"  #: Asterisk could not record, or its file never appeared
    FILE_MISSING = "file_missing"  #: the WAV is gone, and nothing was kept of it
    RETENTION = "retention"  #: its time was over
    ERASED = "erased"  #: the person's data were erased


class MaskStyle(StrEnum):
    """What the client's users hear in place of personal data."""

    NONE = "none"  #: everything
    SILENCE = "silence"
    BEEP = "beep"


class Recording(SQLModel, table=True):
    """What became of the recording of one attempt. The row is the truth; files follow it."""

    __table_args__ = (
        CheckConstraint(
            "(state = 'kept') = (sealed_key IS NOT NULL)", name="ck_recording_kept_has_key"
        ),
        CheckConstraint(
            "(held_at IS NULL) = (hold_reason IS NULL)", name="ck_recording_hold_reason"
        ),
        Index("ix_recording_client", "client_id", "talked_at"),
        Index("ix_recording_campaign", "campaign_id", "talked_at"),
        # Few at any time: what the sweep has to do.
        Index(
            "ix_recording_to_do",
            "next_try_at",
            postgresql_where=text("state IN ('waiting', 'deleting') OR has_wav"),
        ),
    )

    attempt_id: UUID = Field(foreign_key="attempt.id", primary_key=True)
    client_id: UUID = Field(foreign_key="client.id")
    campaign_id: UUID = Field(foreign_key="campaign.id")
    state: RecordingState = Field(sa_type=text_enum(RecordingState))
    reason: Reason = Field(default=Reason.NONE, sa_type=text_enum(Reason))
    talked_at: datetime = Field(sa_type=UtcDateTime)  #: the call's end: retention counts from it
    tries: int = 0
    next_try_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    claimed_until: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: somebody is at work on it
    object: str | None = None  #: its name in the storage, written down before it is stored
    sealed_key: str | None = None  #: the file's key, under the installation's key ring
    size: int | None = Field(default=None)  #: of the Opus file before sealing, bytes
    duration_s: float | None = None
    peaks: bytes | None = Field(
        default=None, sa_column=Column(LargeBinary, nullable=True)
    )  #: the waveform: agent's, then customer's
    kept_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    has_wav: bool = True  #: the WAV it was made of may still lie there
    law_until: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: a rule pack wants it kept until then
    law_rules: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(String), nullable=False, server_default="{}")
    )
    held_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: in dispute: nothing deletes it
    hold_reason: str | None = None
    erase_asked_at: datetime | None = Field(
        default=None, sa_type=UtcDateTime
    )  #: the person was erased while it was held: it goes when it is let go
    deleted_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecordingPolicy(SQLModel, table=True):
    """A client's wishes for its recordings."""

    __tablename__ = "recording_policy"
    __table_args__ = (CheckConstraint("keep_days >= 1", name="ck_recording_policy_days"),)

    client_id: UUID = Field(foreign_key="client.id", primary_key=True)
    keep_days: int | None = None  #: None: until somebody says how long
    mask: MaskStyle = Field(default=MaskStyle.NONE, sa_type=text_enum(MaskStyle))
    personal_questions: list[str] = Field(
        default_factory=list, sa_column=Column(ARRAY(String), nullable=False, server_default="{}")
    )  #: codes of questions whose answers are personal data
    changed_at: datetime = Field(sa_type=UtcDateTime)

    def facts(self) -> dict[str, Any]:
        """Return what it says, as the audit log has it."""
        return {
            "keep_days": self.keep_days,
            "mask": MaskStyle(self.mask).value,
            "personal_questions": list(self.personal_questions),
        }
