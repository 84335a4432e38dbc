"""A headless Chromium with a microphone that plays a tone, and ears in its pages."""

import asyncio
import math
import os
import shutil
import signal
import struct
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, async_playwright
from playwright.async_api import Error as BrowserError

RATE_HZ = 48_000
#: What each flag is for stands beside it; the rest keeps the browser from talking with anybody else.
FLAGS = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",  # the microphone is allowed
    "--autoplay-policy=no-user-gesture-required",  # nobody touches the page
    "--allow-loopback-in-peer-connection",  # else 127.0.0.1 is no address for media
    "--no-sandbox",  # tests run as root
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-breakpad",
    "--metrics-recording-only",
    "--no-pings",
    "--disable-features=WebRtcHideLocalIpsWithMdns,OptimizationHints,MediaRouter,Translate,"
    "AutofillServerCommunication,DialMediaRouteProvider",
)

#: Sound clean-up takes a steady tone for noise: the agents of tests leave it off.
_RAW_SOUND = """
localStorage.getItem('outdial_devices')
  || localStorage.setItem('outdial_devices', '{"cleaned": false}');
"""

#: Which share of what an agent hears now is a tone of so many Hz; 0 without sound.
_SHARE_HEARD = """
(hz) => {
  const stream = document.getElementById('phone-audio').srcObject;
  if (!stream) return 0;
  if (!window.testEar || window.testEar.stream !== stream) {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 16384;
    context.createMediaStreamSource(stream).connect(analyser);
    window.testEar = { stream, context, analyser };
  }
  const { context, analyser } = window.testEar;
  const samples = new Float32Array(analyser.fftSize);
  analyser.getFloatTimeDomainData(samples);
  let real = 0, imaginary = 0, energy = 0;
  const turn = 2 * Math.PI * hz / context.sampleRate;
  samples.forEach((one, n) => {
    real += one * Math.cos(turn * n);
    imaginary += one * Math.sin(turn * n);
    energy += one * one;
  });
  if (energy / samples.length < 1e-6) return 0;
  return 2 * (real * real + imaginary * imaginary) / (samples.length * energy);
}
"""


def write_tone(path: Path, hz: int, seconds: int = 2) -> Path:
    """Write a tone of whole periods, so that its repetition does not click."""
    count = RATE_HZ * seconds
    samples = (round(8000 * math.sin(2 * math.pi * hz * n / RATE_HZ)) for n in range(count))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(struct.pack(f"<{count}h", *samples))
    return path


def executable() -> str:
    """Return where Chromium is; fails (`make chromium`) where there is none."""
    found = shutil.which("chromium")
    assert found, "there is no Chromium: make chromium"
    return found


@dataclass
class Tab:
    """One page with the telephone."""

    page: Page
    faults: list[str] = field(default_factory=list)  #: what the browser complained of

    def watch(self) -> "Tab":
        """Note errors of scripts and of the policy."""
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("console", self._console)
        return self

    def _console(self, message: Any) -> None:
        text = message.text
        if (
            message.type == "error"
            and "Failed to load resource" not in text
            and "WebSocket" not in text
        ):
            self.faults.append(text)

    async def state(self) -> str:
        """Return what the telephone's panel says, as its code."""
        with suppress(BrowserError):
            return str(await self.page.locator("#phone").get_attribute("data-state", timeout=500))
        return ""

    async def see(self, state: str, within_s: float = 20.0) -> None:
        """Wait until the panel says so."""
        shown = self.page.locator(f"#phone[data-state='{state}']")
        try:
            await shown.wait_for(timeout=within_s * 1000)
        except BrowserError as error:
            raise AssertionError(
                f"{await self.state()!r} and not {state!r}; {self.faults}"
            ) from error

    async def hears(self, hz: int) -> float:
        """Return which share of what is heard is a tone of so many Hz."""
        return float(await self.page.evaluate(_SHARE_HEARD, hz))

    async def kill(self) -> None:
        """Kill the tab's process: no goodbye is said."""
        session = await self.page.context.new_cdp_session(self.page)
        crashing = asyncio.ensure_future(session.send("Page.crash"))
        with suppress(BrowserError, TimeoutError):
            await asyncio.wait_for(crashing, 1)


@dataclass
class Chromium:
    """One browser's process."""

    browser: Browser
    pid: int

    async def person(self) -> BrowserContext:
        """Return a profile of its own: cookies and choices of somebody at another computer."""
        context = await self.browser.new_context(permissions=["microphone"])
        await context.add_init_script(_RAW_SOUND)
        return context

    def kill(self) -> None:
        """Kill the whole browser."""
        os.kill(self.pid, signal.SIGKILL)


@asynccontextmanager
async def chromium(microphone: Path) -> AsyncIterator[Chromium]:
    """Run a browser whose microphone plays a file over and over."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=executable(),
            headless=True,
            args=[*FLAGS, f"--use-file-for-fake-audio-capture={microphone}"],
        )
        session = await browser.new_browser_cdp_session()
        told = await session.send("SystemInfo.getProcessInfo")
        pid = next(one["id"] for one in told["processInfo"] if one["type"] == "browser")
        try:
            yield Chromium(browser, pid)
        finally:
            with suppress(BrowserError):  # a test may have killed it
                await browser.close()
