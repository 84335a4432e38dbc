"""Prometheus metrics of the background worker."""

from prometheus_client import Counter

RECORDINGS_LOST = Counter(
    "outdial_recordings_lost_total", "Recordings given up because their raw file never appeared"
)
