"""Prometheus metrics of the background worker."""

from prometheus_client import Counter, Gauge

RECORDINGS_LOST = Counter(
    "outdial_recordings_lost_total", "Recordings given up because their raw file never appeared"
)
RECORDINGS_KEPT = Counter(
    "outdial_recordings_kept_total", "Recordings compressed, sealed, stored and read back"
)
RECORDINGS_TROUBLE = Counter(
    "outdial_recordings_trouble_total",
    "Times a recording could not be kept or deleted; it is tried again",
    ["reason"],
)
RECORDINGS_BEHIND = Gauge(
    "outdial_recordings_behind",
    "Recordings without audio in the storage, by state and reason",
    ["state", "reason"],
)
