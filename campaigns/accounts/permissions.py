"""What each role may do: the one table that every page and every route asks."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from campaigns.tenancy.models import Role
from dialer.errors import Forbidden


class Permission(StrEnum):
    """Something a person may be allowed."""

    OWN_ACCOUNT = "own_account"  #: the own password, second factor and sessions
    SEE_WORK = "see_work"  #: how the call centre works: campaigns, lists, figures, the law
    SEE = "see"  #: what the client ordered: its deliveries
    TAKE_RESULTS = "take_results"  #: files of results leave the program
    EXPORT = "export"  #: other files with people's numbers: refused rows, recordings, reports
    PORTAL = "portal"  #: the client's own pages: requests, uploads, samples
    ASK_LAW = "ask_law"  #: may this number be called, and why not
    SEE_CALLS = "see_calls"  #: single calls; an agent only the own ones, numbers masked
    STEER = "steer"  #: start, pause, resume, stop, hang up
    CHANGE = "change"  #: lists, campaigns, settings, agents
    TAKE_CALLS = "take_calls"  #: shifts and dispositions; an agent only his or her own
    REVIEW = "review"  #: score calls, decide disputes, coach, draw samples
    OWN_SCORES = "own_scores"  #: the scores of the own calls, and to dispute them
    ADMINISTER = "administer"  #: exemptions of rules, emergency switches
    MANAGE_PEOPLE = "manage_people"  #: users and their sessions
    ACCEPT = "accept"  #: accept and dispute what was delivered
    READ_AUDIT = "read_audit"  #: who saw and changed what
    MANAGE_CLIENTS = "manage_clients"  #: the call centre's clients; only who was given it


_MANAGERS = frozenset({Role.ADMIN, Role.MANAGER})
_STEERERS = _MANAGERS | {Role.SUPERVISOR}
_STAFF = _STEERERS | {Role.AGENT}
_READERS = _STEERERS | {Role.CLIENT}

#: Who may what. A permission that is not here is nobody's.
TABLE: Mapping[Permission, frozenset[Role]] = {
    Permission.OWN_ACCOUNT: frozenset(Role),
    Permission.SEE_WORK: _STEERERS,
    Permission.SEE: _READERS,
    Permission.TAKE_RESULTS: _READERS,
    Permission.EXPORT: _STEERERS,
    Permission.PORTAL: frozenset({Role.CLIENT}),
    Permission.ASK_LAW: _STAFF,
    Permission.SEE_CALLS: _STAFF,
    Permission.STEER: _STEERERS,
    Permission.CHANGE: _MANAGERS,
    Permission.TAKE_CALLS: _STAFF,
    Permission.REVIEW: _STEERERS,
    Permission.OWN_SCORES: frozenset({Role.AGENT}),
    Permission.ADMINISTER: frozenset({Role.ADMIN}),
    Permission.ACCEPT: frozenset({Role.CLIENT}),  # not those whose work it is
    Permission.MANAGE_PEOPLE: frozenset({Role.ADMIN}),
    Permission.READ_AUDIT: frozenset({Role.ADMIN}),
    Permission.MANAGE_CLIENTS: _MANAGERS,
}


class Roled(Protocol):
    """Somebody with a role."""

    @property
    def role(self) -> Role:
        """The role."""
        ...


def may(who: Roled, permission: Permission) -> bool:
    """Tell whether the role of ``who`` allows it; clients are managed by those alone who were given it."""
    if permission is Permission.MANAGE_CLIENTS and not getattr(who, "manages_clients", False):
        return False
    return who.role in TABLE.get(permission, frozenset())


def require(who: Roled, permission: Permission) -> None:
    """Refuse whoever may not.

    Raises:
        Forbidden: ``facts`` name the roles that may.
    """
    if not may(who, permission):
        allowed = sorted(role.value for role in TABLE.get(permission, frozenset()))
        raise Forbidden(f"Only these roles may do this: {', '.join(allowed)}.", roles=allowed)
