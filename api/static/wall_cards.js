// Cards of campaigns and lines of alarms, on the wall's page and on its screens alike.
"use strict";

const wallLang = document.documentElement.lang;
const wallWords = JSON.parse(document.getElementById("wall")?.dataset.words ?? "{}");
const wallNumber = new Intl.NumberFormat(wallLang);
const wallDigit = new Intl.NumberFormat(wallLang, { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const wallShare = new Intl.NumberFormat(wallLang, { style: "percent", maximumFractionDigits: 1 });
const wallClock = new Intl.DateTimeFormat(wallLang, { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" });

const twoDigits = (number) => String(number).padStart(2, "0");

function wallTime(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours ? `${hours}:${twoDigits(minutes)}:${twoDigits(whole % 60)}` : `${minutes}:${twoDigits(whole % 60)}`;
}

const wallFormats = {
  number: (value) => wallNumber.format(value),
  digit: (value) => wallDigit.format(value),
  share: (value) => wallShare.format(value),
  seconds: (value) => `${wallDigit.format(value)} ${wallWords.seconds}`,
  time: (value) => wallTime(value),
};

function wallWrite(element, text) {
  if (element && element.textContent !== text) element.textContent = text;
}

function wallShow(element, value, format) {
  const known = value !== null && value !== undefined;
  wallWrite(element, known ? wallFormats[format](value) : "–");
}

// A piece of the page for a row: placeholders in attributes become ids, and htmx may look at it.
function wallPiece(name, ids) {
  const piece = document.getElementById(name).content.firstElementChild.cloneNode(true);
  for (const element of [piece, ...piece.querySelectorAll("*")]) {
    for (const attribute of [...element.attributes]) {
      if (!attribute.value.includes("__")) continue;
      attribute.value = attribute.value.replace(/__(agent|session|campaign|alarm)__/g, (all, kind) => ids[kind] ?? all);
    }
  }
  if (window.htmx) htmx.process(piece);
  return piece;
}

function wallTable(body, lines) {
  const made = lines.map((cells) => {
    const line = document.createElement("tr");
    cells.forEach((text, place) => {
      const cell = document.createElement(place ? "td" : "th");
      if (!place) cell.scope = "row";
      else if (!String(text).includes(";")) cell.className = "number";
      cell.textContent = text;
      line.append(cell);
    });
    return line;
  });
  body.replaceChildren(...made);
  body.closest("details")?.toggleAttribute("hidden", !made.length);
}

const wallMix = (row) => row.mix.map(([said, calls]) => `${said[wallLang]}: ${wallNumber.format(calls)}`).join("; ") + ";";

function wallShareOf(part, whole) {
  return whole ? wallShare.format(part / whole) : "–";
}

class WallCards {
  constructor(feed, place) {
    this.feed = feed;
    this.place = place;
    this.cards = new Map();
  }

  // Draw what changed; returns whether a campaign came or went.
  draw(changed) {
    let moved = false;
    const drawn = new Set();
    for (const key of changed) {
      const [kind, campaign] = key.split("/");
      if (kind === "c") moved = this.drawCard(campaign) || moved;
      if ("tnql".includes(kind)) drawn.add(campaign);
    }
    for (const campaign of drawn) this.drawLines(campaign);
    if (moved) this.order();
    return moved;
  }

  drawCard(campaign) {
    const row = this.feed.rows.get(`c/${campaign}`);
    let card = this.cards.get(campaign);
    if (!row) {
      card?.remove();
      return this.cards.delete(campaign);
    }
    const isNew = !card;
    if (isNew) {
      card = wallPiece("campaign-card", { campaign });
      this.cards.set(campaign, card);
      this.place.append(card);
      if (card.querySelector("details")) this.drawLines(campaign);
    }
    this.fill(card, row);
    return isNew;
  }

  fill(card, row) {
    wallWrite(card.querySelector(".name"), row.name);
    const state = card.querySelector(".state");
    wallWrite(state, wallWords.campaigns[row.state]);
    state.className = `state ${row.state}`;
    for (const one of card.querySelectorAll("[data-field]")) wallShow(one, row[one.dataset.field], one.dataset.format);
    for (const one of card.querySelectorAll("[data-agents]")) {
      const states = one.dataset.agents.split(" ");
      wallShow(one, states.reduce((sum, name) => sum + (row.agents[name] ?? 0), 0), "number");
    }
    this.judge(card, row);
    const why = card.querySelector(".why");
    why.hidden = !row.why;
    wallWrite(why.querySelector(".said"), row.why ? row.why[wallLang] : "");
    this.tickCard(card, row);
  }

  // What is beyond its limit is marked by words and form, not by colour alone.
  judge(card, row) {
    const bad = {
      budget_share: row.budget_used !== null && row.budget_used >= 1,
      service_level: row.service_level !== null && row.service_level < row.level_target,
      forms_hour: row.forms_target !== null && row.forms_hour < row.forms_target,
    };
    for (const [name, isBad] of Object.entries(bad)) {
      card.querySelector(`[data-field=${name}]`)?.closest(".measure").classList.toggle("bad", isBad);
    }
  }

  drawLines(campaign) {
    const card = this.cards.get(campaign);
    const table = (name) => card?.querySelector(`.${name} tbody`);
    if (!table("trunks")) return;
    const rows = (kind) => [...this.feed.of(kind, campaign)].map(([, row]) => row).sort((a, b) => (a.name < b.name ? -1 : 1));
    const answer = (one) => wallShareOf(one.answered, one.calls);
    wallTable(table("trunks"), rows("t").map((one) => [
      one.paused ? `${one.name} (${one.paused})` : one.name, wallNumber.format(one.calls), answer(one), wallShareOf(one.failed, one.calls), wallMix(one)]));
    wallTable(table("callers"), rows("n").map((one) => [
      one.name, wallNumber.format(one.calls), answer(one), one.usual === null ? "–" : wallShare.format(one.usual), wallMix(one)]));
    wallTable(table("quotas"), rows("q").map((one) => [
      one.name, `${wallNumber.format(one.reached)} / ${wallNumber.format(one.target)}`, wallNumber.format(one.under_way)]));
    wallTable(table("lists"), rows("l").map((one) => [
      one.name || wallWords.unselected, wallNumber.format(one.leads), wallShareOf(one.tried, one.leads), wallShareOf(one.done, one.leads)]));
  }

  order() {
    const name = (campaign) => this.feed.rows.get(`c/${campaign}`).name;
    const ordered = [...this.cards.keys()].sort((a, b) => name(a).localeCompare(name(b), wallLang));
    for (const campaign of ordered) this.place.append(this.cards.get(campaign));
  }

  tick() {
    for (const [campaign, card] of this.cards) this.tickCard(card, this.feed.rows.get(`c/${campaign}`));
  }

  tickCard(card, row) {
    const age = (ms) => (this.feed.nowMs() - ms) / 1000;
    wallWrite(card.querySelector(".longest"), row.waiting_since ? wallTime(age(row.waiting_since)) : "–");
    const stale = card.querySelector(".old");
    stale.hidden = !row.stale_since;
    if (row.stale_since) wallWrite(stale.querySelector("time"), wallClock.format(row.stale_since));
  }
}
