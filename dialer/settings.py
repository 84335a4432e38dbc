"""Settings: the only reader of the environment.

Read once, in an entry point. Without database or Redis URLs the command line starts embedded servers
and hands their URLs on, so every process sees a complete ``Settings``.
"""

import os
import re
import zoneinfo
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

#: The checkout: templates for Asterisk, migrations and the embedded data live beside the packages.
PROJECT_ROOT = Path(__file__).resolve().parent.parent

ENV_PREFIX = "OUTDIAL_"

_WEBSOCKET_URL = re.compile(r"wss?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?")


class Settings(BaseSettings):
    """Everything an installation can set, as ``OUTDIAL_<NAME>``."""

    model_config = SettingsConfigDict(
        env_prefix=ENV_PREFIX, frozen=True, extra="forbid", env_ignore_empty=True
    )

    database_url: SecretStr | None = None  #: postgresql+asyncpg://…; none = embedded
    redis_url: SecretStr | None = None  #: redis://…; none = embedded
    ari_url: str | None = None  #: http://host:port/ari; none = embedded Asterisk
    ari_user: str = "outdial"
    ari_password: SecretStr | None = None
    secret_keys: SecretStr | None = None  #: seal stored secrets; the first seals, all open
    run_dir: Path = PROJECT_ROOT / ".run"  #: data of the embedded services
    instance: str = "main"  #: embedded services of one name share data and ports
    recordings_dir: Path | None = None  #: finished recordings; none = run_dir/instance/recordings
    raw_recordings_dir: Path | None = None  #: where MixMonitor's files appear to us
    recording_store: str | None = (
        None  #: where kept recordings lie: a directory or s3://bucket/folder; none = recordings_dir
    )
    recording_store_endpoint: str | None = None  #: of an S3-compatible storage; none = Amazon's
    recording_store_region: str = "us-east-1"
    recording_store_access_key: str | None = None
    recording_store_secret_key: SecretStr | None = None
    uploads_dir: Path | None = (
        None  #: clients' files before and after their import; none = run_dir/instance/uploads
    )
    exports_dir: Path | None = None  #: finished exports; none = run_dir/instance/exports
    form_files_dir: Path | None = (
        None  #: pictures and recordings of questions; none = run_dir/instance/form-files
    )
    dnc_dir: Path | None = None  #: do-not-call lists; none = run_dir/instance/dnc
    rule_packs_dir: Path | None = (
        None  #: the operator's own rule packs (*.toml), which only tighten
    )
    deliveries_dir: Path | None = None  #: files of deliveries; none = run_dir/instance/deliveries
    delivery_networks: str | None = None  #: where targets may be, besides public addresses
    event_days: int = Field(default=30, ge=1, le=3650)  #: how long events can be read again
    public_url: str | None = None  #: how people outside reach the pages; for links in letters
    smtp_url: SecretStr | None = None  #: smtps://user:password@host:465; none = no letters
    mail_from: str | None = None  #: whom letters come from
    asterisk_recordings_dir: str = "/var/spool/asterisk/monitor"  #: the same, as Asterisk names it
    phone_websocket_url: str | None = None  #: wss://host/ws, where browsers' telephones register
    simulated_carrier_port: int | None = None  #: UDP on loopback; none = virtual agents bring none
    simulated_phones_port: int | None = None  #: the same for their telephones
    web_host: str = "127.0.0.1"
    web_port: int = 0  #: 0 = choose a free one and remember it
    session_idle_s: float = Field(default=14_400.0, gt=0)  #: an unused browser is signed out
    session_lives_s: float = Field(
        default=50_400.0, gt=0
    )  #: every browser is, so long after sign-in
    log_json: bool = False
    log_level: str = "INFO"
    metrics_port: int = 0  #: Prometheus metrics of a worker on loopback; 0 = none
    lease_s: float = Field(default=6.0, gt=0)  #: a silent owner loses its campaign after this
    adopt_every_s: float = Field(
        default=1.0, gt=0
    )  #: how often workers look for orphaned campaigns
    shutdown_grace_s: float = Field(default=30.0, ge=0)  #: live calls may end on SIGTERM
    db_pool_size: int = Field(default=10, ge=1)

    def recordings(self) -> Path:
        """Return the directory of finished recordings."""
        return self.recordings_dir or self.run_dir / self.instance / "recordings"

    def raw_recordings(self) -> Path:
        """Return the directory in which Asterisk leaves unfinished recordings."""
        return self.raw_recordings_dir or self.run_dir / self.instance / "recordings-raw"

    def uploads(self) -> Path:
        """Return the directory of uploaded files: those to be imported, and kept originals."""
        return self.uploads_dir or self.run_dir / self.instance / "uploads"

    def exports(self) -> Path:
        """Return the directory of exports."""
        return self.exports_dir or self.run_dir / self.instance / "exports"

    def form_files(self) -> Path:
        """Return the directory of what questions show and play; in it one folder for each client's id."""
        return self.form_files_dir or self.run_dir / self.instance / "form-files"

    def deliveries(self) -> Path:
        """Return the directory of deliveries' files."""
        return self.deliveries_dir or self.run_dir / self.instance / "deliveries"

    def smtp(self) -> str | None:
        """Return the mail server's address with its password."""
        return self.smtp_url.get_secret_value() if self.smtp_url else None

    def public_address(self) -> str | None:
        """Return how links begin; without a public address that of this machine, if it is known."""
        if self.public_url:
            return self.public_url.rstrip("/")
        return f"http://{self.web_host}:{self.web_port}" if self.web_port else None

    def dnc_lists(self) -> Path:
        """Return the directory of the do-not-call lists' versions."""
        return self.dnc_dir or self.run_dir / self.instance / "dnc"

    def phone_origin(self) -> str | None:
        """Return the part of the telephones' address that a page must be allowed to connect to."""
        if self.phone_websocket_url is None:
            return None
        parts = urlsplit(self.phone_websocket_url)
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("phone_websocket_url")
    @classmethod
    def _is_websocket(cls, value: str | None) -> str | None:
        """Refuse what is no address: it becomes a part of the pages' policy."""
        if value is not None and _WEBSOCKET_URL.fullmatch(value) is None:
            raise ValueError("give an address like wss://phones.example.com/ws")
        return value

    def database(self) -> str:
        """Return the database URL of a complete ``Settings``."""
        assert self.database_url is not None  # noqa: S101 - entry points complete the settings
        return self.database_url.get_secret_value()

    def redis(self) -> str:
        """Return the Redis URL of a complete ``Settings``."""
        assert self.redis_url is not None  # noqa: S101 - entry points complete the settings
        return self.redis_url.get_secret_value()

    def keys(self) -> str | None:
        """Return the keys of stored secrets, for ``dialer.sealing.ring_from``."""
        return self.secret_keys.get_secret_value() if self.secret_keys else None

    def as_environment(self) -> dict[str, str]:
        """Return the settings as variables for a child process (secrets in the clear)."""
        values: dict[str, str] = {}
        for name in type(self).model_fields:
            value = getattr(self, name)
            if value is not None:
                plain = value.get_secret_value() if isinstance(value, SecretStr) else str(value)
                values[f"{ENV_PREFIX}{name.upper()}"] = plain
        return values


def child_environment(settings: Settings, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the whole environment for a child process: ours, completed by ``settings``."""
    return {**os.environ, **settings.as_environment(), **(extra or {})}  # noqa: TID251 - the one reader


def load() -> Settings:
    """Read the environment, and make this process use the pinned time-zone data.

    Source: PEP 615, "Search path": the system's data would win over the pinned package, and a stale
    system gives wrong hours (compliance depends on them).
    """
    zoneinfo.reset_tzpath(to=())
    return Settings()
