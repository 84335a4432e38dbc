"""Who is audited in tests: nobody by chance."""

import pytest

from dialer.call import analysis


def audit_nobody(patch: pytest.MonkeyPatch) -> None:
    """Have every verdict acted on: which calls are audited hangs on their ids, which are random."""
    patch.setattr(analysis, "is_audited", lambda _call_id, share: share >= 1)
