"""Prometheus metrics of everything between us and Asterisk."""

from prometheus_client import Counter, Gauge, Histogram

REQUEST_SECONDS = Histogram(
    "outdial_ari_request_seconds",
    "From sending a request to its answer",
    ["operation"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
)
REQUESTS_FAILED = Counter(
    "outdial_ari_requests_failed_total", "Requests without a good answer", ["operation", "reason"]
)
REQUESTS_UNDER_WAY = Gauge("outdial_ari_requests_under_way", "Requests that wait for an answer")
EVENTS = Counter("outdial_ari_events_total", "Events received", ["type"])
CONNECTIONS_LOST = Counter(
    "outdial_ari_connections_lost_total", "Event connections that broke: events may be lost"
)
