// The operator's desk: timers by the server's clock, keys, and what is loaded when people talk.
// Without it every button and form still works.
"use strict";

(() => {
  const SINGLE_KEYS = "outdial.single-keys";
  // A browser's clock may be wrong by hours: timers run by the server's, taken from each piece it sends.
  let aheadMs = 0;
  let takenAt = "";

  function takeTime() {
    const piece = document.querySelector("[data-now]");
    if (piece && piece.dataset.now !== takenAt) {
      takenAt = piece.dataset.now;
      aheadMs = Date.parse(takenAt) - Date.now();
    }
  }

  const two = (number) => String(number).padStart(2, "0");

  function spoken(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    const hours = Math.floor(whole / 3600);
    const minutes = Math.floor((whole % 3600) / 60);
    return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
  }

  function write(element, text) {
    if (element.textContent !== text) element.textContent = text;
  }

  const clocks = new Map();

  function clockOf(zone) {
    if (!clocks.has(zone)) {
      const parts = { timeZone: zone, weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
      const lang = document.documentElement.lang;
      clocks.set(zone, new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, parts)); // day before month, as the server writes
    }
    return clocks.get(zone);
  }

  function tick() {
    const now = Date.now() + aheadMs;
    for (const one of document.querySelectorAll("[data-since]")) {
      write(one, spoken((now - Date.parse(one.dataset.since)) / 1000));
    }
    for (const one of document.querySelectorAll("[data-until]")) {
      const left = (Date.parse(one.dataset.until) - now) / 1000;
      write(one, spoken(left));
      one.classList.toggle("late", left < 10);
    }
    for (const one of document.querySelectorAll("[data-clock]")) {
      try {
        write(one, clockOf(one.dataset.clock).format(now));
      } catch {
        delete one.dataset.clock; // the browser knows fewer zones than the server: its words stay
      }
    }
  }

  // What belongs to a talk goes when the talk goes; the next one loads its own.
  let talk = document.querySelector(".loads")?.dataset.talk ?? "";

  function followTalk() {
    const now = document.querySelector(".loads")?.dataset.talk ?? "";
    if (now === talk) return;
    talk = now;
    for (const name of ["call-controls", "interview", "script", "knowledge"]) {
      // By htmx, which closes their streams: a browser has six connections, and each stream holds one.
      htmx.swap(`#${name}`, "", { swapStyle: "innerHTML", swapDelay: 0, settleDelay: 0 });
    }
  }

  let contact = document.querySelector(".contact")?.dataset.attempt ?? "";

  function greetContact() {
    const card = document.querySelector(".contact");
    const now = card?.dataset.attempt ?? card?.dataset.preview ?? "";
    if (now === contact) return;
    contact = now;
    if (now) document.getElementById("said")?.replaceChildren(); // it was said of the call before
    const idle = document.activeElement === null || document.activeElement === document.body;
    if (now && idle) document.getElementById("contact-name")?.focus({ preventScroll: true });
  }

  function announce() {
    const said = document.querySelector("[data-announce]")?.dataset.announce;
    const place = document.getElementById("announce");
    if (said && place) write(place, said);
  }

  function settled() {
    takeTime();
    followTalk();
    greetContact();
    announce();
    tick();
  }

  document.addEventListener("htmx:afterSettle", settled);
  document.addEventListener("htmx:sseMessage", settled);
  // Buttons of the call and notices about the own state are asked for anew by themselves; once for pieces
  // that come together.
  let asking = 0;
  document.addEventListener("htmx:sseMessage", (event) => {
    if (!["state", "talk"].includes(event.detail.type)) return;
    clearTimeout(asking);
    asking = setTimeout(() => {
      for (const name of ["outdial-talk", "outdial-agent"]) document.body.dispatchEvent(new Event(name));
    }, 50);
  });
  // A questionnaire that has ended proposes a result; the operator presses it.
  document.addEventListener("outdial:interview-ended", (event) => {
    const code = event.detail?.disposition;
    for (const one of document.querySelectorAll("#dispose button[name=code]")) {
      one.classList.toggle("proposed", one.value === code);
    }
  });
  document.addEventListener("htmx:oobAfterSwap", settled);
  // A page that comes back from the browser's memory is old.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  // Keys go by their place, so that they work on every layout: R is R where К is printed on it.
  function keyOf(event) {
    const found = /^(?:Digit|Numpad)(\d)$|^Key([A-Z])$/.exec(event.code);
    return found ? found[1] ?? found[2].toLowerCase() : "";
  }

  const TYPING = "textarea, select, [contenteditable], #interview, input:not([type=radio]):not([type=checkbox])";

  function isAllowed(event) {
    if (event.defaultPrevented || event.repeat || event.ctrlKey || event.metaKey) return false;
    if (event.altKey) return true;
    const box = document.getElementById("single-keys");
    return !event.shiftKey && (box === null || box.checked) && !event.target.closest(TYPING);
  }

  document.addEventListener("keydown", (event) => {
    const key = isAllowed(event) ? keyOf(event) : "";
    if (!key) return;
    // With Alt the buttons of the call come first: controls.js presses them.
    const own = `:is(#controls, #state-notice) button[data-key="${key.toUpperCase()}"]`;
    if (event.altKey && document.querySelector(own)) return;
    const target = [...document.querySelectorAll(`[data-key="${key}"]`)].find(
      (one) => !one.disabled && one.checkVisibility(),
    );
    if (!target) return;
    event.preventDefault();
    if (target.matches("textarea, input, select")) target.focus();
    else {
      if (target.matches("summary")) target.focus(); // Tab goes on from there
      target.click();
    }
  });

  const box = document.getElementById("single-keys");
  if (box) {
    box.checked = localStorage.getItem(SINGLE_KEYS) !== "off";
    box.addEventListener("change", () => {
      localStorage.setItem(SINGLE_KEYS, box.checked ? "on" : "off");
    });
  }

  settled();
  setInterval(tick, 500);
})();
