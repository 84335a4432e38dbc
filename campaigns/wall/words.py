"""The words of the wall: what can be wrong."""

from enum import StrEnum


class AlarmCode(StrEnum):
    """What an alarm is about."""

    BUDGET = "budget"  #: the abandoned share is near its ceiling
    NO_AGENTS = "no_agents"  #: a running campaign has nobody who takes calls
    AGENT_LONG = "agent_long"  #: an agent is in a state for too long
    TRUNK_FAILING = "trunk_failing"  #: a trunk cannot carry many calls
    CAUSES_ODD = "causes_odd"  #: a trunk's calls end otherwise than they did today
    CALLER_ID = "caller_id"  #: fewer people answer a caller ID than did today
    LIST_LOW = "list_low"  #: few contacts are left to be called
    SERVICE_LEVEL = "service_level"  #: below its target
    WORKER_AWAY = "worker_away"  #: nobody dials for a running campaign
    DISK_FULL = "disk_full"  #: recordings will soon find no room
