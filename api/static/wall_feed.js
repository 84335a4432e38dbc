// What the live wall's stream sends: rows by key, changes by number, and the server's clock. No drawing here.
"use strict";

// A row's new fields, or null for a row that is gone; the same as campaigns/wall/patches.py says it.
function applyPatch(rows, patch) {
  for (const [key, fields] of Object.entries(patch)) {
    if (fields === null) rows.delete(key);
    else rows.set(key, { ...rows.get(key), ...fields });
  }
}

class WallFeed extends EventTarget {
  constructor(address) {
    super();
    this.address = address;
    this.rows = new Map();
    this.known = false; // a snapshot has come
    this.aheadMs = -Infinity; // of the server's clock to this page's own; the browser's clock is never asked
    this.heardAt = performance.now();
    this.lookedMs = null; // when the server last read its tables
    this.redisAwayMs = null;
    this.open();
  }

  open() {
    this.source = new EventSource(this.address);
    for (const name of ["snapshot", "patch", "beat"]) {
      this.source.addEventListener(name, (event) => this.take(name, JSON.parse(event.data)));
    }
    this.source.addEventListener("gone", () => {
      this.source.close();
      this.dispatchEvent(new Event("gone"));
    });
    this.source.addEventListener("error", () => {
      // A browser gives up after an answer that is no stream: a proxy's error page, a server that starts.
      if (this.source.readyState === EventSource.CLOSED) {
        this.source.close();
        setTimeout(() => this.open(), 3000);
      }
    });
  }

  take(name, told) {
    this.heardAt = performance.now();
    this.setClock(told.now);
    if (name === "beat") {
      this.lookedMs = told.looked;
      this.redisAwayMs = told.redis;
      this.dispatchEvent(new Event("beat"));
      return;
    }
    let changed = Object.keys(told.rows);
    if (name === "snapshot") {
      const before = [...this.rows.keys()];
      this.rows = new Map(Object.entries(told.rows));
      changed = [...new Set([...before, ...changed])];
      this.known = true;
    } else applyPatch(this.rows, told.rows);
    this.dispatchEvent(new CustomEvent("rows", { detail: { changed, whole: name === "snapshot" } }));
  }

  // The message that took least to come says best how far the clocks are apart; a clock that was set wins.
  setClock(nowMs) {
    const ahead = nowMs - performance.now();
    if (ahead > this.aheadMs || this.aheadMs - ahead > 5000) this.aheadMs = ahead;
  }

  nowMs() {
    return this.aheadMs + performance.now();
  }

  silentS() {
    return (performance.now() - this.heardAt) / 1000;
  }

  // Rows of a kind, as [parts of the key, row].
  *of(kind, campaign) {
    for (const [key, row] of this.rows) {
      const parts = key.split("/");
      if (parts[0] === kind && (!campaign || parts[1] === campaign)) yield [parts, row, key];
    }
  }
}
