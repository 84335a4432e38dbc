"""Whatever takes a file is let through by the limit of a request's length, which knows paths alone."""

from api.main import _UPLOADS, API_PREFIX
from api.routes.all import ROUTERS
from api.uploading import UploadRoute


def test_every_route_that_takes_a_file_is_let_through() -> None:
    """A step of one thing takes no file: its path has a parameter."""
    taking = {
        f"{API_PREFIX}{route.path}"
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, UploadRoute)
        and "POST" in (route.methods or ())
        and "{" not in route.path
    }
    assert taking == {path for path in _UPLOADS if path.startswith(API_PREFIX)}
