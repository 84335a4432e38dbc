import time
from pathlib import Path
import pytest
from sqlalchemy import text
from tests.busy_day import busy_day
from tests.hall import Place
from tests.nursery import Nursery
import os
CALLS = int(os.environ.get("N", "600"))

@pytest.mark.timeout(600)
async def test_x(place: Place, home: Nursery, tmp_path: Path) -> None:
    t = time.monotonic()
    async with busy_day(place, home, tmp_path, calls=CALLS) as day:
        print("TIME", time.monotonic() - t)
        print(day.told)
        async with place.sessions() as s:
            for q in ("select campaign_id, outcome, count(*), count(left_at) l, count(disposition) d, sum((ended_at-connected_at > interval '1 hour')::int) from attempt group by 1,2 order by 1,2",
                "select state,count(*) from callback group by 1",
                "select v.number, i.ending, count(*) from interview i join form_version v on v.id=i.form_version_id group by 1,2 order by 1,2",
                "select kind,ending,count(*) from call_part group by 1,2 order by 1,2",
                "select state, count(*), count(ended_at) from agent_state_entry group by 1",
                "select date_trunc('hour',started_at), count(*) from attempt group by 1 order by 1"):
                for r in await s.execute(text(q)): print(*r)
    for f in sorted(tmp_path.glob("*.log")): print(f.read_text()[-1500:])
