"""What a process keeps in memory for as long as it lives."""

import gc


def keep_what_is_loaded() -> None:
    """Take all that is in memory now out of the garbage collector's sight; call it once, when all is loaded.

    The program itself is half a million objects that never become garbage. Each full collection looked at
    all of them while nothing else ran: 240 ms of an API process, 80 ms of a dialing worker.
    """
    gc.collect()
    gc.freeze()
