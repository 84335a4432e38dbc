"""How many rows a statement changed: known, or refused."""

import pytest
from sqlalchemy import text

from dialer.db import SessionFactory, affected


async def test_changed_rows_are_counted_and_nothing_else_is(sessions: SessionFactory) -> None:
    async with sessions() as session:
        await session.execute(text("CREATE TEMPORARY TABLE pebble (id int PRIMARY KEY)"))
        insert = text("INSERT INTO pebble SELECT generate_series(1, 3) ON CONFLICT DO NOTHING")
        assert affected(await session.execute(insert)) == 3
        assert affected(await session.execute(insert)) == 0
        moved = text(
            "WITH gone AS (DELETE FROM pebble WHERE id < 2)"
            " UPDATE pebble SET id = id + 10 WHERE id > 1"
        )
        assert affected(await session.execute(moved)) == 2
        frozen = (await session.execute(text("SELECT id FROM pebble"))).freeze()
        with pytest.raises(TypeError):
            affected(frozen())
        with pytest.raises(TypeError):
            affected(await session.execute(text("ANALYZE pebble")))
