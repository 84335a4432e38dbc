"""Throttling: many addresses on one account, one address on many accounts, and the owner gets in."""

import asyncio

import pytest
from redis.asyncio import Redis

from campaigns.accounts.throttle import ACCOUNT, ADDRESS, Throttle, TooManyTries, account_bucket
from dialer.clock import FrozenClock

OWNERS_BROWSER = "owner's browser"


@pytest.fixture
def throttle(redis: Redis, clock: FrozenClock) -> Throttle:
    return Throttle(redis, clock)


async def _try(
    throttle: Throttle, login: str, address: str, *, device: str = "", right: bool = False
) -> int:
    """Sign in; return how long one must wait, 0 = the password was compared."""
    buckets = await throttle.buckets_of(login, address, device)
    try:
        await throttle.take(buckets)
    except TooManyTries as wait:
        return wait.wait_s
    if right:
        await throttle.give_back(buckets)
        await throttle.remember(login, device)
    return 0


async def test_waits_grow_and_have_an_end(throttle: Throttle, clock: FrozenClock) -> None:
    waits = []
    for _ in range(20):
        wait = await _try(throttle, "anna", "192.0.2.1")
        waits.append(wait)
        clock.advance(wait)
    asked = [wait for wait in waits if wait]
    assert waits[: ACCOUNT.free] == [0] * ACCOUNT.free
    assert asked[:3] == [5, 10, 20]
    assert max(asked) <= ACCOUNT.longest_wait_s


async def test_many_addresses_guess_no_faster_than_one(throttle: Throttle) -> None:
    compared = [await _try(throttle, "anna", f"198.51.{n}.7") for n in range(200)].count(0)
    assert compared == ACCOUNT.free


async def test_a_hundred_at_once_are_a_hundred(throttle: Throttle) -> None:
    tries = [_try(throttle, "anna", f"198.51.{n}.7") for n in range(100)]
    assert (await asyncio.gather(*tries)).count(0) == ACCOUNT.free


async def test_one_address_on_many_accounts_is_slowed_down(throttle: Throttle) -> None:
    compared = [await _try(throttle, f"user-{n}", "192.0.2.1") for n in range(200)].count(0)
    assert compared == ADDRESS.free
    assert await _try(throttle, "somebody", "192.0.2.2") == 0


async def test_one_customers_ipv6_addresses_are_one(throttle: Throttle) -> None:
    tries = [await _try(throttle, f"user-{n}", f"2001:db8::{n:x}") for n in range(200)]
    assert tries.count(0) == ADDRESS.free
    assert await _try(throttle, "somebody", "2001:db8:0:1::1") == 0
    assert await _try(throttle, "somebody", "no address") == 0


async def test_the_owner_gets_in_during_an_attack(throttle: Throttle, clock: FrozenClock) -> None:
    assert await _try(throttle, "anna", "192.0.2.1", device=OWNERS_BROWSER, right=True) == 0
    for n in range(50):
        await _try(throttle, "anna", f"198.51.{n}.7", device=f"guess {n}")
        clock.advance(1)
    assert await _try(throttle, "anna", "198.51.1.7") > 0
    assert await _try(throttle, "anna", "192.0.2.1", device=OWNERS_BROWSER, right=True) == 0
    # The mark is of one login: with it nobody guesses another's password beside the counts.
    await _try(throttle, "olga", "198.51.99.7")
    known = await throttle.buckets_of("olga", "192.0.2.1", OWNERS_BROWSER)
    assert account_bucket("olga") in known


async def test_a_known_browser_that_guesses_waits_too(throttle: Throttle) -> None:
    await _try(throttle, "anna", "192.0.2.1", device=OWNERS_BROWSER, right=True)
    tries = [await _try(throttle, "anna", f"192.0.2.{n}", device=OWNERS_BROWSER) for n in range(50)]
    assert tries.count(0) == ACCOUNT.free


async def test_who_tries_while_waiting_makes_the_wait_no_longer(
    throttle: Throttle, clock: FrozenClock
) -> None:
    for _ in range(ACCOUNT.free):
        await _try(throttle, "anna", "192.0.2.1")
    first = await _try(throttle, "anna", "192.0.2.1")
    for _ in range(100):
        await _try(throttle, "anna", "198.51.100.7")
    assert await _try(throttle, "anna", "192.0.2.1") == first
    clock.advance(first)
    assert await _try(throttle, "anna", "192.0.2.1", right=True) == 0
    assert await _try(throttle, "anna", "192.0.2.1") == 0  # all is forgotten


async def test_ones_own_success_does_not_wipe_an_addresss_guesses(throttle: Throttle) -> None:
    for n in range(ADDRESS.free - 1):
        await _try(throttle, f"user-{n}", "192.0.2.1")
    assert await _try(throttle, "mallory", "192.0.2.1", right=True) == 0
    assert await _try(throttle, "next", "192.0.2.1") == 0
    assert await _try(throttle, "one more", "192.0.2.1") > 0


async def test_old_failures_are_forgotten(throttle: Throttle, clock: FrozenClock) -> None:
    for _ in range(ACCOUNT.free):
        await _try(throttle, "anna", "192.0.2.1")
    clock.advance(ACCOUNT.forget_s + ACCOUNT.longest_wait_s)
    assert [await _try(throttle, "anna", "192.0.2.1") for _ in range(ACCOUNT.free)].count(0) == 5


async def test_two_processes_count_together(redis: Redis, clock: FrozenClock) -> None:
    one, two = Throttle(redis, clock), Throttle(redis, clock)
    tries = [await _try((one, two)[n % 2], "anna", "192.0.2.1") for n in range(20)]
    assert tries.count(0) == ACCOUNT.free
