// The wall on a screen in the hall: one campaign after the other, in large type, awake, and honest about its age.
"use strict";

(() => {
  const wall = document.getElementById("wall");
  const place = document.getElementById("wall-campaigns");
  const feed = new WallFeed(wall.dataset.stream);
  const cards = new WallCards(feed, place);
  const alarmPlace = document.getElementById("screen-alarms");
  const TURN_S = 15;
  let shown = 0;
  let isOver = false;

  function turn(step) {
    const all = [...place.children];
    if (!all.length) return;
    shown = (shown + step + all.length) % all.length;
    all.forEach((card, index) => {
      card.hidden = index !== shown;
    });
    wallWrite(document.getElementById("screen-turn"), all.length > 1 ? `${shown + 1} / ${all.length}` : "");
  }

  function drawAlarms() {
    const open = [...feed.of("x")].filter(([, row]) => row.seen_at === null).sort((a, b) => Number(b[1].grave) - Number(a[1].grave));
    alarmPlace.replaceChildren(...open.slice(0, 4).map(([, row]) => {
      const line = document.createElement("li");
      line.className = row.grave ? "grave" : "";
      line.textContent = `${row.grave ? wallWords.grave : wallWords.mild}: ${row.said[wallLang]}`;
      return line;
    }));
  }

  async function stayAwake() {
    try {
      await navigator.wakeLock?.request("screen");
    } catch {
      // Without power, or where the browser forbids it, the screen's own settings decide.
    }
  }

  function tellState() {
    const silent = feed.silentS() > 10;
    const isOld = !silent && feed.lookedMs !== null && feed.nowMs() - feed.lookedMs > 10_000;
    const since = silent ? feed.nowMs() - feed.silentS() * 1000 : feed.lookedMs;
    const words = isOver ? wallWords.over : silent ? wallWords.lost : isOld ? wallWords.old : "";
    const banner = document.getElementById("wall-old");
    banner.hidden = !words;
    wallWrite(banner, words && words.replace("%(at)s", since > 0 ? wallClock.format(since) : "–"));
    wall.classList.toggle("dim", Boolean(words));
    wallWrite(document.getElementById("screen-clock"), feed.known ? wallClock.format(feed.nowMs()) : "");
  }

  feed.addEventListener("rows", ({ detail }) => {
    if (cards.draw(detail.changed)) turn(0);
    if (detail.changed.some((key) => key[0] === "x")) drawAlarms();
    document.getElementById("idle").hidden = cards.cards.size > 0;
    wall.classList.add("known");
  });
  feed.addEventListener("gone", () => {
    isOver = true;
    tellState();
    // Somebody may sign in again in another window of this browser.
    setInterval(async () => {
      const answer = await fetch(location.href, { redirect: "manual" }).catch(() => null);
      if (answer?.ok) location.reload();
    }, 30_000);
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") stayAwake();
  });

  stayAwake();
  setInterval(() => turn(1), TURN_S * 1000);
  setInterval(() => {
    cards.tick();
    tellState();
  }, 1000);
})();
