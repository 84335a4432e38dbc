"""Every register there is, by its code."""

from campaigns.accounts.permissions import Permission
from campaigns.forms.models import FormRow
from campaigns.lists.models import ContactList
from campaigns.models import CallerId, Trunk
from campaigns.registers import following
from campaigns.registers.models import DayOff, SetKind, SharedSet
from campaigns.registers.register import Register
from campaigns.scripts.models import ScriptRow
from campaigns.tenancy.models import User

TRUNKS = Register(
    "trunk",
    Trunk,
    ("name", "endpoint"),
    {"name": ("name",), "channels": ("-max_channels", "name"), "new": ("-id",)},
    frozenset(
        {
            *("name", "endpoint", "max_channels", "calls_per_s"),
            *("paused_reason", "paused_until", "rests_until", "archived_at"),
        }
    ),
    permission=Permission.MANAGE_CLIENTS,
    follow=following.trunk_campaigns,
    uses=following.trunk_uses,
    shared=True,
)
CALLER_IDS = Register(
    "caller_id",
    CallerId,
    ("e164", "display_name", "region", "label"),
    {"number": ("e164",), "region": ("region", "e164"), "new": ("-id",)},
    frozenset(
        {
            *("display_name", "region", "attestation", "label", "daily_cap", "rest_s"),
            *("rests_until", "rest_reason", "verified_at", "disabled_at"),
        }
    ),
    put_away="disabled_at",
    follow=following.caller_campaigns,
)
DAYS_OFF = Register(
    "day_off",
    DayOff,
    ("name", "region", "on_date"),
    {"date": ("on_date", "name"), "name": ("name",), "region": ("region", "on_date")},
    frozenset({"name", "on_date", "region", "every_year", "archived_at"}),
    follow=following.all_campaigns,
)
_SET_SORTS = {"name": ("name",), "changed": ("-changed_at",)}
_SET_CHANGES = frozenset({"name", "content", "archived_at"})
DISPOSITION_SETS = Register(
    "disposition_set",
    SharedSet,
    ("name", "content"),
    _SET_SORTS,
    _SET_CHANGES,
    only={"kind": SetKind.DISPOSITIONS},
)
RETRY_SETS = Register(
    "retry_set", SharedSet, ("name",), _SET_SORTS, _SET_CHANGES, only={"kind": SetKind.RETRIES}
)
LISTS = Register(
    "contact_list",
    ContactList,
    ("name", "file_name"),
    {"new": ("-id",), "name": ("name",), "rows": ("-rows_accepted",)},
    frozenset({"name", "archived_at"}),
    uses=following.list_uses,
)
FORMS = Register(
    "form",
    FormRow,
    ("code",),
    {"code": ("code",)},
    frozenset({"archived_at"}),
    uses=following.form_uses,
)
SCRIPTS = Register(
    "script",
    ScriptRow,
    ("name", "code"),
    {"name": ("name",), "new": ("-id",)},
    frozenset({"archived_at"}),
    permission=Permission.STEER,
    uses=following.script_uses,
)
USERS = Register(
    "user",
    User,
    ("login",),
    {"login": ("login",)},
    frozenset({"disabled_at"}),
    put_away="disabled_at",
    permission=Permission.MANAGE_PEOPLE,
)

REGISTERS = {
    one.code: one
    for one in (
        *(TRUNKS, CALLER_IDS, DAYS_OFF, DISPOSITION_SETS, RETRY_SETS),
        *(LISTS, FORMS, SCRIPTS, USERS),
    )
}
