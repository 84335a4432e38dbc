// The live wall: agents by state with the time in it, cards of campaigns, alarms. Times run by the server's clock.
"use strict";

(() => {
  const wall = document.getElementById("wall");
  const SOUND = "outdial.wall-sound";
  const feed = new WallFeed(wall.dataset.stream);
  const cards = new WallCards(feed, document.getElementById("wall-campaigns"));
  const body = document.getElementById("wall-agents");
  const alarmList = document.getElementById("wall-alarms");
  const agents = new Map(); // key -> { line, row }
  const alarms = new Map();
  const rank = ["on_call", "wrap_up", "reserved", "dialing", "previewing", "ready", "paused", "connecting"];
  const filter = { state: "", words: "" };
  let order = "state";
  let isMoved = false;
  let greeted = false;

  // --- agents ------------------------------------------------------------------------------

  function drawAgent(key) {
    const row = feed.rows.get(key);
    let agent = agents.get(key);
    if (!row) {
      agent?.line.remove();
      agents.delete(key);
      return;
    }
    if (!agent) {
      const [, campaign, session] = key.split("/");
      agent = { line: wallPiece("agent-row", { agent: row.agent, session, campaign }), campaign };
      agents.set(key, agent);
      body.append(agent.line);
      // Other scripts' buttons may want to know whose row this is.
      agent.line.dispatchEvent(new CustomEvent("outdial:wall-agent", { bubbles: true, detail: { key, row } }));
    }
    agent.row = row;
    const { line } = agent;
    wallWrite(line.querySelector(".name"), row.name);
    wallWrite(line.querySelector(".campaign"), feed.rows.get(`c/${agent.campaign}`)?.name ?? "");
    const state = line.querySelector(".state");
    wallWrite(state, wallWords.states[row.state]);
    state.className = `state ${row.state}`;
    const notes = [];
    if (row.pause) notes.push(wallWords.pauses[row.pause] ?? row.pause);
    if (row.forced) notes.push(wallWords.forced);
    if (row.alone_at) notes.push(wallWords.alone);
    if (row.wants === "offline" || (row.wants === "paused" && row.state !== "paused")) notes.push(wallWords.then[row.wants]);
    wallWrite(line.querySelector(".note"), notes.join(", "));
    tickAgent(agent);
    sift(agent);
  }

  function tickAgent({ line, row }) {
    const age = (feed.nowMs() - row.since) / 1000;
    wallWrite(line.querySelector(".since"), wallTime(age));
    const isLong = row.limit_s !== null && age >= row.limit_s;
    if (line.classList.contains("long") !== isLong) {
      line.classList.toggle("long", isLong);
      wallWrite(line.querySelector(".too-long"), isLong ? wallWords.too_long : "");
    }
  }

  function sift({ line, row }) {
    const isHere = (!filter.state || row.state === filter.state) && row.name.toLocaleLowerCase(wallLang).includes(filter.words);
    line.hidden = !isHere;
  }

  function arrange() {
    if (!isMoved) return;
    isMoved = false;
    const by = {
      state: (a, b) => rank.indexOf(a.row.state) - rank.indexOf(b.row.state) || a.row.since - b.row.since,
      name: (a, b) => a.row.name.localeCompare(b.row.name, wallLang),
      longest: (a, b) => a.row.since - b.row.since,
    }[order];
    let place = body.firstElementChild;
    for (const { line } of [...agents.values()].sort(by)) {
      // Whoever holds the keyboard stays where he or she is: moving an element takes its focus.
      if (line === place) place = place.nextElementSibling;
      else if (!line.contains(document.activeElement)) body.insertBefore(line, place);
    }
  }

  function count() {
    const found = {};
    for (const { row } of agents.values()) found[row.state] = (found[row.state] ?? 0) + 1;
    for (const one of document.querySelectorAll("[data-count]")) {
      wallShow(one, one.dataset.count ? found[one.dataset.count] ?? 0 : agents.size, "number");
    }
    document.getElementById("nobody").hidden = agents.size > 0 || !feed.known;
  }

  // --- alarms ------------------------------------------------------------------------------

  function drawAlarm(key, isFirst) {
    const row = feed.rows.get(key);
    let line = alarms.get(key);
    if (!row) {
      line?.remove();
      alarms.delete(key);
      return false;
    }
    const isNew = !line;
    if (isNew) {
      line = wallPiece("alarm-line", { alarm: key.split("/")[2] });
      alarms.set(key, line);
      alarmList.prepend(line);
    }
    line.classList.toggle("grave", row.grave);
    line.classList.toggle("seen", row.seen_at !== null);
    wallWrite(line.querySelector(".kind"), row.grave ? wallWords.grave : wallWords.mild);
    wallWrite(line.querySelector(".said"), row.said[wallLang]);
    wallWrite(line.querySelector("time"), wallClock.format(row.since));
    line.querySelector("form").hidden = row.seen_at !== null;
    wallWrite(line.querySelector(".by"), row.seen_by ? wallWords.seen.replace("%(who)s", row.seen_by) : "");
    return isNew && !isFirst && row.seen_at === null;
  }

  function tellAlarms(news) {
    document.getElementById("calm").hidden = alarms.size > 0 || !feed.known;
    if (!news.length) return;
    const said = news.map((key) => feed.rows.get(key).said[wallLang]).join(" ");
    wallWrite(document.getElementById("wall-said"), said);
    if (sound.checked) ring();
  }

  let audio = null;

  function ring() {
    audio ??= new AudioContext();
    for (const [after, pitch] of [[0, 880], [0.18, 660]]) {
      const tone = audio.createOscillator();
      const level = audio.createGain();
      tone.frequency.value = pitch;
      level.gain.setValueAtTime(0.15, audio.currentTime + after);
      level.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + after + 0.16);
      tone.connect(level).connect(audio.destination);
      tone.start(audio.currentTime + after);
      tone.stop(audio.currentTime + after + 0.17);
    }
  }

  alarmList.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = event.target.querySelector("button");
    button.disabled = true;
    try {
      const answer = await fetch(event.target.action, { method: "POST", headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(answer.status);
      alarmList.closest("section").querySelector("h2").focus(); // the button goes, its place is kept
    } catch {
      button.disabled = false;
      wallWrite(document.getElementById("wall-said"), document.getElementById("problem").dataset.failed);
    }
  });

  // --- the page ----------------------------------------------------------------------------

  const sound = document.getElementById("wall-sound");
  sound.checked = localStorage.getItem(SOUND) === "on";
  sound.addEventListener("change", () => {
    localStorage.setItem(SOUND, sound.checked ? "on" : "off");
    if (sound.checked) ring();
  });
  document.getElementById("wall-find").addEventListener("input", (event) => {
    filter.words = event.target.value.trim().toLocaleLowerCase(wallLang);
    agents.forEach(sift);
  });
  document.getElementById("wall-order").addEventListener("change", (event) => {
    order = event.target.value;
    isMoved = true;
    arrange();
  });
  document.getElementById("wall-states").addEventListener("click", (event) => {
    const chip = event.target.closest("button");
    if (!chip) return;
    filter.state = chip.dataset.state;
    for (const one of event.currentTarget.querySelectorAll("button")) one.setAttribute("aria-pressed", String(one === chip));
    agents.forEach(sift);
  });

  function tellState() {
    const silent = feed.silentS() > 10;
    const looked = feed.lookedMs;
    const isOld = !silent && looked !== null && feed.nowMs() - looked > 10_000;
    const since = silent ? feed.nowMs() - feed.silentS() * 1000 : looked;
    const words = silent ? wallWords.lost : isOld ? wallWords.old : "";
    const banner = document.getElementById("wall-old");
    banner.hidden = !words;
    wallWrite(banner, words && words.replace("%(at)s", since > 0 ? wallClock.format(since) : "–"));
    document.getElementById("wall-deaf").hidden = !feed.redisAwayMs || Boolean(words);
  }

  feed.addEventListener("rows", ({ detail }) => {
    const isFirst = !greeted;
    greeted = true;
    const news = [];
    if (cards.draw(detail.changed)) isMoved = true;
    for (const key of detail.changed) {
      const kind = key[0];
      if (kind === "a") {
        drawAgent(key);
        isMoved = true;
      } else if ((kind === "x" || kind === "y") && drawAlarm(key, isFirst)) news.push(key);
    }
    if (isMoved || detail.whole) count();
    tellAlarms(news);
    document.getElementById("idle").hidden = cards.cards.size > 0;
    if (detail.whole) {
      wall.classList.add("known");
      arrange();
    }
  });
  feed.addEventListener("gone", () => location.reload()); // which leads to the sign-in, and back

  setInterval(() => {
    arrange();
    agents.forEach(tickAgent);
    cards.tick();
    tellState();
  }, 1000);
})();
