"""A telephone in the page that is connected: pictures of the desk need no exchange, only its panel.

What it stands for is tested on the real Asterisk in ``tests/browser/test_phone.py``.
"""

import json
from typing import Any

from playwright.async_api import Page, Route

#: Instead of JsSIP: it registers at once, and is called once if the shift has begun.
_LIBRARY = """
window.JsSIP = {
  WebSocketInterface: class {},
  UA: class {
    constructor() { this.acts = {}; }
    on(event, act) { this.acts[event] = act; }
    stop() {}
    isRegistered() { return true; }
    call() {}
    start() {
      setTimeout(() => this.acts.registered({}), 0);
      if (!window.testLeg) return;
      const acts = {};
      const connection = { connectionState: "connected", addEventListener() {}, getSenders: () => [],
        getStats: () => new Promise(() => {}) };
      const session = { connection, on: (event, act) => { acts[event] = act; }, isEnded: () => false,
        terminate() {}, answer: () => acts.confirmed({}) };
      const request = { getHeader: () => "1" };
      setTimeout(() => this.acts.newRTCSession({ session, originator: "remote", request }), 0);
    }
  },
};
"""
#: A microphone into which somebody says one steady tone.
_MICROPHONE = """
navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext();
  const tone = context.createOscillator();
  const loudness = context.createGain();
  const ear = context.createMediaStreamDestination();
  loudness.gain.value = 0.25;
  tone.connect(loudness).connect(ear);
  tone.start();
  return ear.stream;
};
"""


async def put_on_desk(page: Page, *, has_leg: bool) -> None:
    """Give the page a telephone, and the leg of a shift that has begun."""
    told = {"kind": "browser", "endpoint": "", "epoch": 1, "mine": True, "on_shift": has_leg}
    given = {"websocket": "ws://x", "user": "x", "password": "x", "realm": "x", "epoch": 1}
    answers: dict[str, Any] = {"GET": told, "POST": given}

    async def answer(route: Route) -> None:
        body = json.dumps(answers[route.request.method])
        await route.fulfill(body=body, content_type="application/json")

    async def came(route: Route) -> None:
        await route.fulfill(body='{"on_shift": false}', content_type="application/json")

    async def library(route: Route) -> None:
        await route.fulfill(body=_LIBRARY, content_type="text/javascript")

    await page.add_init_script(_MICROPHONE)
    await page.add_init_script(f"window.testLeg = {json.dumps(has_leg)};")
    await page.route("**/static/jssip-*.js", library)
    await page.route("**/desk/phone", answer)
    await page.route("**/desk/phone/came", came)
