"""Deliveries for tests: a campaign with results, plans by target, a worker's sweep."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import col, select

from campaigns.delivery.deliveries import orders, plans
from campaigns.delivery.deliveries.carrying import means_of
from campaigns.delivery.deliveries.models import Delivery, DeliveryFile, DeliveryPlan, DeliveryTry
from campaigns.delivery.deliveries.plan_in import PlanIn
from campaigns.delivery.deliveries.sending import files_of
from campaigns.tenancy import bootstrap
from campaigns.tenancy.models import Role
from dialer.clock import Clock
from dialer.db import SessionFactory, transaction
from dialer.ids import new_id
from dialer.sealing import KeyRing
from dialer.settings import Settings
from tests.factories import make_campaign, numbers
from tests.receivers import PASSWORD, SftpHost
from tests.world import SECRET_KEY, test_settings
from workers.deps import BackgroundDeps
from workers.jobs.deliveries import sweep

RING = KeyRing.parse(SECRET_KEY)


def delivery_settings(
    database_url: str, redis_url: str, folder: Path, *, mail_port: int = 1
) -> Settings:
    """Return settings with which deliveries may go to loopback."""
    return test_settings(
        database_url,
        redis_url,
        deliveries_dir=folder / "deliveries",
        delivery_networks="127.0.0.0/8",
        public_url="https://calls.example.com/",
        smtp_url=f"smtp://127.0.0.1:{mail_port}",
        mail_from="Acme <results@acme.example>",
    )


@dataclass
class Delivering:
    """One client's campaign and its deliveries."""

    sessions: SessionFactory
    settings: Settings
    clock: Clock
    client_id: UUID
    campaign_id: UUID
    user_id: UUID
    lead_ids: tuple[UUID, ...]

    @classmethod
    async def begin(
        cls,
        sessions: SessionFactory,
        settings: Settings,
        clock: Clock,
        *,
        leads: int = 4,
        done: int = 3,
    ) -> "Delivering":
        """Make a campaign whose first leads have results."""
        async with transaction(sessions) as session:
            made = await make_campaign(session, clock.now(), leads=numbers(leads))
            user = await bootstrap.create_user(
                session,
                client_id=made.client_id,
                login=f"boss-{new_id().hex[-6:]}",
                role=Role.CLIENT,
                clock=clock,
            )
        world = cls(sessions, settings, clock, made.client_id, made.id, user.id, made.lead_ids)
        await world.settle(made.lead_ids[:done], "sale")
        return world

    @property
    def deps(self) -> BackgroundDeps:
        """What a worker has."""
        return BackgroundDeps(self.settings, self.sessions, self.clock)

    async def settle(self, lead_ids: Sequence[UUID], result: str | None) -> None:
        """Give leads a result; None takes it back."""
        sql = (
            "UPDATE lead SET state = 'done', result = :result, next_attempt_at = NULL WHERE id = ANY(:ids)"
            if result
            else "UPDATE lead SET state = 'waiting', result = NULL WHERE id = ANY(:ids)"
        )
        facts = {"ids": list(lead_ids), **({"result": result} if result else {})}
        async with transaction(self.sessions) as session:
            await session.execute(text(sql), facts)

    async def plan(self, target: dict[str, Any], **changes: Any) -> DeliveryPlan:
        """Make a plan."""
        values: dict[str, Any] = {
            "name": f"plan {new_id().hex[-6:]}",
            "formats": ["results_csv"],
            "schedule": "by_hand",
            "target": target,
        }
        given = PlanIn.model_validate(values | changes)
        async with transaction(self.sessions) as session:
            return await plans.make(
                session,
                self.campaign_id,
                given,
                client_id=self.client_id,
                user_id=None,
                ring=RING,
                clock=self.clock,
            )

    async def order(self, plan: DeliveryPlan) -> UUID:
        """Order a delivery now."""
        async with transaction(self.sessions) as session:
            row = await orders.send_now(session, plan, user_id=None, clock=self.clock)
            return row.id

    async def again(self, delivery_id: UUID) -> UUID:
        """Have a delivery sent again."""
        async with transaction(self.sessions) as session:
            row = await session.get_one(Delivery, delivery_id)
            return (await orders.send_again(session, row, user_id=None, clock=self.clock)).id

    async def sweep(self) -> int:
        """Do what a worker does every few seconds."""
        return await sweep(self.deps, asyncio.Semaphore(4))

    async def delivery(self, delivery_id: UUID) -> Delivery:
        """Return a delivery as it is now."""
        async with self.sessions() as session:
            return await session.get_one(Delivery, delivery_id)

    async def deliveries(self, plan: DeliveryPlan) -> list[Delivery]:
        """Return a plan's deliveries, oldest first."""
        async with self.sessions() as session:
            statement = select(Delivery).where(col(Delivery.plan_id) == plan.id)
            return list(await session.exec(statement.order_by(col(Delivery.id))))

    async def files(self, delivery_id: UUID) -> list[DeliveryFile]:
        """Return a delivery's files."""
        async with self.sessions() as session:
            return await files_of(session, delivery_id)

    async def tries(self, delivery_id: UUID) -> list[str]:
        """Return the reasons of a delivery's tries."""
        async with self.sessions() as session:
            statement = select(DeliveryTry.reason).where(
                col(DeliveryTry.delivery_id) == delivery_id
            )
            return list(await session.exec(statement.order_by(col(DeliveryTry.id))))

    def stored(self, delivery_id: UUID) -> dict[str, bytes]:
        """Return what is kept of a delivery on our disk."""
        folder = means_of(self.settings, self.clock).folder.of(delivery_id)
        return {path.name: path.read_bytes() for path in sorted(folder.glob("*"))}


def to_sftp(server: SftpHost, /, **changes: Any) -> dict[str, Any]:
    """Return a target that is an SFTP server."""
    return {
        "kind": "sftp",
        "host": "127.0.0.1",
        "port": server.port,
        "user": "acme",
        "host_key": server.host_key,
        "password": PASSWORD,
    } | changes
