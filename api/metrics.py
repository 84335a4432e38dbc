"""What Prometheus reads of a web process: requests by route, and open streams."""

from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.process_collector import ProcessCollector
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: Upper bounds in seconds; a stream's length says nothing, so streams are counted apart.
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The figures of one web process, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "outdial_http_requests",
            "Requests answered.",
            ("method", "route", "code"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "outdial_http_first_byte_seconds",
            "Time to the first byte of an answer.",
            ("method", "route"),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self.streams = Gauge(
            "outdial_http_streams", "Live pages being watched.", registry=self.registry
        )

    def text(self) -> bytes:
        """Return the figures in Prometheus' text format."""
        return generate_latest(self.registry)


class MetricsMiddleware:
    """Count and time every request under its route's template: ids make no new series."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and observe the start of its answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = perf_counter()

        async def count(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._observe(scope, message["status"], perf_counter() - began)
            await send(message)

        await self._app(scope, receive, count)

    def _observe(self, scope: Scope, code: int, seconds: float) -> None:
        route = _template(scope)
        method = scope["method"] if route != "other" else "other"
        self._metrics.requests.labels(method, route, str(code)).inc()
        self._metrics.seconds.labels(method, route).observe(seconds)


def _template(scope: Scope) -> str:
    """Return the path with its ids replaced by their names; "other" where no route matched.

    The matched route itself knows its path only without the routers' prefixes.
    """
    if "route" not in scope:
        return "other"
    named = {str(value): f"{{{name}}}" for name, value in scope["path_params"].items()}
    return "/".join(named.get(part, part) for part in scope["path"].split("/"))
