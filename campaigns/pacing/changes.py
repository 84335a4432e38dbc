"""Which settings a replay may change."""

from collections.abc import Mapping
from typing import Any, Final

from campaigns.configuration import checked_settings
from campaigns.settings import CampaignSettings
from dialer.errors import Invalid

#: What a replay can show the effect of; other settings change who is called, and when.
SETTINGS: Final = (
    *("mode", "dial_ratio", "abandon_target", "abandon_ceiling", "target_occupancy", "max_ratio"),
    *("least_agents", "cancel_ringing", "ring_timeout_s", "max_wait_s"),
)


class UnknownSetting(Invalid):
    """No setting has this name."""

    code = "unknown_setting"
    message = "There is no such setting."


class NotReplayable(Invalid):
    """The setting changes who is called or when, which a record of calls cannot tell."""

    code = "not_replayable"
    message = "A replay cannot tell what this setting would change."


def changed_settings(settings: CampaignSettings, changes: Mapping[str, Any]) -> CampaignSettings:
    """Return the settings with changes that a replay can show.

    Raises:
        UnknownSetting, NotReplayable, BadSettings: each says which setting and why.
    """
    for name in changes:
        if name not in CampaignSettings.model_fields:
            raise UnknownSetting(f"There is no setting {name!r}.", known=", ".join(SETTINGS))
        if name not in SETTINGS:
            raise NotReplayable(
                f"A replay cannot tell what {name!r} would change: it asks the same people in the"
                " same order.",
                known=", ".join(SETTINGS),
            )
    whole = checked_settings({**settings.model_dump(mode="json"), **changes})
    return CampaignSettings.model_validate(whole)
