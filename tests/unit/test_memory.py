"""A process that keeps what it has loaded: full collections leave it alone, and still find new garbage."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from dialer.memory import keep_what_is_loaded


class _Knot:
    """Garbage that only a collection finds: it holds itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    gc.unfreeze()
    yield
    keep_what_is_loaded()


def test_what_is_loaded_is_out_of_the_collectors_sight() -> None:
    seen = len(gc.get_objects())
    keep_what_is_loaded()
    assert gc.get_freeze_count() >= seen // 2
    assert len(gc.get_objects()) < seen // 10


def test_garbage_of_before_is_gone_and_garbage_of_after_is_found() -> None:
    before = weakref.ref(_Knot())
    keep_what_is_loaded()
    assert before() is None
    after = weakref.ref(_Knot())
    gc.collect()
    assert after() is None
