"""Prometheus metrics of the dialing worker."""

from prometheus_client import Counter, Gauge, Histogram

CALLS_PLACED = Counter("outdial_calls_placed_total", "Attempts sent to Asterisk")
CALLS_ENDED = Counter("outdial_calls_ended_total", "Calls by outcome", ["outcome"])
WAIT_SECONDS = Histogram(
    "outdial_answer_to_agent_seconds",
    "From a person's answer to a bridge with an agent",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
REFUSALS = Counter("outdial_refusals_total", "Leads the gate refused, by reason", ["reason"])
PREVIEWS = Counter("outdial_previews_total", "Contacts shown to agents, by end", ["ending"])
CAMPAIGNS_OWNED = Gauge("outdial_campaigns_owned", "Campaigns this worker runs")
TAKEOVERS = Counter("outdial_takeovers_total", "Campaigns taken from another owner or after a gap")
HANDED_OVER = Counter("outdial_agents_handed_over_total", "Agents given to another campaign")
VERDICTS = Counter("outdial_amd_verdicts_total", "Analysed greetings", ["verdict", "treatment"])
NOTICES_LOST = Counter("outdial_notices_lost_total", "Live-board messages dropped, queue full")
LIVE_CALLS = Gauge("outdial_live_calls", "Calls live now", ["campaign_id"])
ITEMS_REFUSED = Counter(
    "outdial_items_refused_total", "Things the database can never take: a fault of ours"
)
