// The questionnaire of a call. Each answer gets a number and lies in the browser's own storage until the server
// has it, so that neither a lost connection nor a reload loses one; sent twice, it changes nothing.
"use strict";

(() => {
  if (window.outdialInterviews) {
    window.outdialInterviews.look();
    return;
  }

  const SEND_TIMEOUT_MS = 10_000;
  const SLOW_MS = 2_500; // an answer that is not confirmed by then does not hold the talk up
  const RETRY_MS = [500, 1_000, 2_000, 5_000];
  const TYPED_TOGETHER_MS = 700; // digits of one number
  const GUARD_MS = 300; // after a new question a key or click that was meant for the last one is not taken
  const KEPT = "outdial.interview.";
  const LEFT_MS = 60_000; // an answer that nobody has sent for so long is another page's no more
  const WRITTEN = "input:not([type=radio]):not([type=checkbox]), textarea, select";

  // Storage may be full, or forbidden: then answers lie in this page alone.
  const memory = new Map();
  const storage = {
    get(key) {
      try { return localStorage.getItem(key) ?? memory.get(key) ?? null; } catch { return memory.get(key) ?? null; }
    },
    set(key, value) {
      try { localStorage.setItem(key, value); } catch { memory.set(key, value); }
    },
    remove(key) {
      memory.delete(key);
      try { localStorage.removeItem(key); } catch { /* it is not there */ }
    },
    keys(prefix) {
      let kept = [];
      try { kept = Object.keys(localStorage); } catch { /* none */ }
      return [...new Set([...kept, ...memory.keys()])].filter((key) => key.startsWith(prefix));
    },
  };

  /** One interview on the page. */
  class Interview {
    constructor(section) {
      this.section = section;
      this.url = section.dataset.url;
      this.prefix = `${KEPT}${section.dataset.interview}.`;
      this.window = Math.random().toString(36).slice(2, 10);
      this.tries = 0;
      this.sending = false;
      this.ended = "";
      this.drawnAt = 0;
      this.typed = { digits: "", at: 0 };
      this.ahead = []; // questions that may come, for the time without a connection
      this.away = false; // there is none: what comes next is decided later
      section.addEventListener("submit", (event) => { event.preventDefault(); if (!this.tooSoon()) this.answer(); });
      section.addEventListener("click", (event) => this.clicked(event));
      section.addEventListener("keydown", (event) => this.pressed(event));
      section.addEventListener("input", (event) => this.changed(event.target));
      this.drawn({ focus: true });
      this.lookAhead();
      this.send();
    }

    get body() { return this.section.querySelector(".interview-body"); }
    get form() { return this.section.querySelector("form.asked"); }
    get alive() { return this.section.isConnected; }

    // ---- what was answered and not saved yet

    queue() {
      const entries = storage.keys(`${this.prefix}answer.`).map((key) => ({ key, ...JSON.parse(storage.get(key) ?? "{}") }));
      return entries.filter((entry) => entry.code).sort((a, b) => a.sequence - b.sequence);
    }

    next() {
      const known = [this.body?.dataset.seen, storage.get(`${this.prefix}seen`), ...this.queue().map((one) => one.sequence)];
      const number = Math.max(0, ...known.map(Number).filter(Number.isFinite)) + 1;
      storage.set(`${this.prefix}seen`, String(number));
      return number;
    }

    answer(noAnswer) {
      const form = this.form;
      if (!form) return;
      const entry = { code: form.dataset.code, at: Date.now(), sequence: this.next(), url: this.url, interview: this.section.dataset.interview };
      Object.assign(entry, noAnswer ? { no_answer: noAnswer } : read(form));
      for (const older of this.queue()) if (older.code === entry.code) storage.remove(older.key);
      storage.set(`${this.prefix}answer.${String(entry.sequence).padStart(16, "0")}.${this.window}`, JSON.stringify(entry));
      this.fault("");
      if (this.away) {
        this.stepAhead();
      } else {
        form.setAttribute("aria-busy", "true");
        this.state("waiting");
        this.slow = setTimeout(() => { this.state("offline"); this.goAway(); }, SLOW_MS);
      }
      this.send();
    }

    /** Go on without the server: the operator must not fall silent. */
    goAway() {
      clearTimeout(this.slow);
      if (this.away || !this.queue().length) return;
      this.away = true;
      this.stepAhead();
    }

    /** Show the next question of those the page holds; the answered ones wait in the queue. */
    stepAhead(passing = false) {
      const answered = new Set(this.queue().map((entry) => entry.code));
      const code = this.form?.dataset.code;
      if (!passing && code && !answered.has(code)) return;
      const at = this.ahead.findIndex((one) => one.dataset.code === code);
      const next = this.ahead.slice(at + 1).find((one) => !answered.has(one.dataset.code));
      if (!next) {
        this.form?.removeAttribute("aria-busy");
        return;
      }
      (this.form ?? this.section.querySelector(".over")).replaceWith(next.content.cloneNode(true));
      this.section.querySelector(".whereabouts .section").textContent = next.dataset.section;
      this.begin();
    }

    async lookAhead() {
      try {
        const answer = await fetch(`${this.url}/ahead`, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(SEND_TIMEOUT_MS) });
        if (!answer.ok) return;
        const page = document.createElement("template");
        page.innerHTML = await answer.text(); // ours, escaped by the server
        this.ahead = [...page.content.querySelectorAll("template")];
        if (this.away) this.stepAhead();
      } catch { /* those that are held stay */ }
    }

    async send() {
      if (this.sending) return;
      this.sending = true;
      clearTimeout(this.timer);
      try {
        for (let entry = this.queue()[0]; entry; entry = this.queue()[0]) { // also when the next call is here
          if (!(await this.sendOne(entry))) break;
        }
      } finally {
        this.sending = false;
      }
    }

    async sendOne(entry) {
      let answer;
      try {
        answer = await this.post(`answers/${encodeURIComponent(entry.code)}`, told({ interview: this.section.dataset.interview, ...entry }));
      } catch {
        return this.later("offline");
      }
      if (answer.redirected || answer.status === 401) return this.later("signed-out");
      if (answer.status >= 500 || answer.status === 429) return this.later("broken");
      this.tries = 0;
      if (answer.ok) await this.saved(entry, await answer.text());
      else await this.refused(entry, answer);
      return true;
    }

    post(path, json) {
      return post(`${this.url}/${path}`, json);
    }

    later(state) {
      this.state(state);
      if (state !== "signed-out") this.goAway();
      const wait = RETRY_MS[Math.min(this.tries++, RETRY_MS.length - 1)];
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.send(), wait);
      return false;
    }

    async saved(entry, html) {
      storage.remove(entry.key);
      if (this.draft()?.code === entry.code) storage.remove(`${this.prefix}draft`);
      if (!this.queue().length) {
        clearTimeout(this.slow);
        this.away = false;
        this.replace(html);
        this.state("saved");
        this.lookAhead();
      }
      const seen = Number(this.body.dataset.seen);
      if (seen > Number(storage.get(`${this.prefix}seen`) ?? 0)) storage.set(`${this.prefix}seen`, String(seen));
      storage.set(`${this.prefix}news`, `${entry.sequence} ${this.window}`); // other tabs look again
    }

    async refused(entry, answer) {
      storage.remove(entry.key);
      clearTimeout(this.slow);
      this.away = false;
      let told = this.section.dataset.wordsRefused;
      const isProblem = (answer.headers.get("content-type") ?? "").includes("json");
      if (isProblem) told = (await answer.json()).detail;
      else told = `${told} (${answer.status})`;
      const here = this.form?.dataset.code === entry.code;
      if (answer.status !== 422) storage.remove(`${this.prefix}draft`); // what stands is shown
      if (answer.status !== 422 || !here) await this.look(entry.code);
      this.state("stopped");
      this.form?.removeAttribute("aria-busy");
      this.fault(told);
    }

    // ---- what is on the page

    /** Fetch the page as it stands: the open question, or an earlier one. */
    async look(code) {
      const query = code ? `?question=${encodeURIComponent(code)}` : "";
      try {
        const answer = await fetch(`${this.url}${query}`, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(SEND_TIMEOUT_MS) });
        if (!answer.ok || answer.status === 204) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const body = page.querySelector(".interview-body");
        if (body) this.replace(body.outerHTML);
        if (!this.queue().length) this.state("saved");
      } catch {
        this.state("offline");
      }
    }

    replace(html) {
      if (!this.alive) return;
      const held = document.activeElement;
      const focus = this.section.contains(held) || held === document.body || held === null;
      const fresh = document.createElement("template");
      fresh.innerHTML = html; // ours, escaped by the server
      this.body.replaceWith(fresh.content);
      this.drawn({ focus });
    }

    drawn({ focus }) {
      const { ending, disposition } = this.body.dataset;
      this.section.dataset.ending = ending;
      this.section.dataset.disposition = disposition;
      const list = this.section.querySelector(".earlier ol");
      if (list) list.scrollTop = list.scrollHeight; // the latest answer
      this.begin(focus);
      if (ending && this.ended !== ending) this.tell("outdial:interview-ended", ending, disposition);
      if (!ending && this.ended) this.tell("outdial:interview-reopened", "", "");
      this.ended = ending;
    }

    /** Begin with the question that is on the page now. */
    begin(focus = true) {
      this.drawnAt = Date.now();
      this.fault("");
      this.restore();
      if (this.form?.querySelector(".ranking")) order(this.form);
      this.section.querySelector(".said").textContent = this.section.querySelector(".asked-text")?.textContent.trim() ?? "";
      if (focus) this.focus();
    }

    tell(name, ending, disposition) {
      const { attempt, interview } = this.section.dataset;
      this.section.dispatchEvent(new CustomEvent(name, { bubbles: true, detail: { attempt, interview, ending, disposition } }));
    }

    focus() {
      const form = this.form;
      const target = form
        ? form.querySelector("input:checked") ?? form.querySelector("fieldset input, fieldset textarea, fieldset button") ?? form.querySelector(".go")
        : this.section.querySelector(".over");
      target?.focus();
      if (target?.matches("input[type=text], input[type=tel], input[type=email]")) target.select();
    }

    state(name) {
      const place = this.section.querySelector(".kept");
      const words = name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
      const told = this.section.dataset[`words${words[0].toUpperCase()}${words.slice(1)}`];
      if (place.dataset.state === name) return;
      place.dataset.state = name;
      place.textContent = told;
    }

    fault(told) {
      const form = this.form;
      for (const place of this.section.querySelectorAll(".fault")) {
        const mine = told && place.parentElement === (form ?? this.section);
        place.hidden = !mine;
        place.textContent = mine ? told : "";
      }
      for (const input of form?.querySelectorAll("input, textarea") ?? []) {
        if (told) input.setAttribute("aria-invalid", "true");
        else input.removeAttribute("aria-invalid");
      }
    }

    // ---- what was typed and not entered yet: a reload keeps it

    draft() { return JSON.parse(storage.get(`${this.prefix}draft`) ?? "null"); }

    changed(input) {
      if (!this.form?.contains(input)) return;
      if (input.name === "other" && input.value) this.choose(this.form.querySelector(`[value="${CSS.escape(input.dataset.for)}"]`), true);
      if (input.type === "checkbox") exclude(this.form, input);
      this.remember();
    }

    remember() {
      const fields = [...this.form.querySelectorAll("input, textarea")].map((one) => (one.matches("[type=radio], [type=checkbox]") ? one.checked : one.value));
      storage.set(`${this.prefix}draft`, JSON.stringify({ code: this.form.dataset.code, fields, order: this.form.querySelector(".ranking")?.dataset.order }));
    }

    restore() {
      const draft = this.draft();
      const form = this.form;
      const inputs = [...(form?.querySelectorAll("input, textarea") ?? [])];
      if (!draft || draft.code !== form?.dataset.code || draft.fields.length !== inputs.length) return;
      inputs.forEach((one, at) => {
        if (one.matches("[type=radio], [type=checkbox]")) one.checked = draft.fields[at];
        else one.value = draft.fields[at];
      });
      const ranking = form.querySelector(".ranking");
      if (ranking && draft.order !== undefined) ranking.dataset.order = draft.order;
    }

    // ---- keys

    clicked(event) {
      const button = event.target.closest("button");
      if (!button) return;
      if (button.dataset.noAnswer) this.answer(button.dataset.noAnswer);
      else if (button.dataset.look) this.look(button.dataset.look);
      else if (button.dataset.turn) this.turn(button.dataset.turn);
      else if (button.dataset.language) this.speak(button.dataset.language);
      else if (button.dataset.option) this.rank(button);
    }

    async speak(language) {
      try {
        const answer = await this.post(`language/${encodeURIComponent(language)}`);
        if (answer.ok) this.replace(await answer.text());
      } catch {
        this.state("offline");
      }
    }

    turn(where) {
      if (where === "over") return this.away && this.passOver();
      const path = [...this.section.querySelectorAll("[data-look]")].map((one) => one.dataset.look);
      const at = path.indexOf(this.form?.dataset.code);
      const wanted = where === "back" ? (at < 0 ? path.length : at) - 1 : at + 1;
      if (where === "back" && wanted < 0) return;
      this.look(at < 0 && where === "on" ? "" : path[wanted] ?? "");
    }

    /** Leave a question out while there is no connection; if it concerns the person, it is asked later. */
    passOver() {
      this.stepAhead(true);
    }

    pressed(event) {
      if (event.altKey || event.metaKey || event.isComposing) return;
      const input = event.target;
      const named = { F8: "dont_know", F9: "refused" }[event.key];
      if (named && this.form) {
        const button = this.form.querySelector(`[data-no-answer="${named}"]`);
        if (button && !event.repeat) this.answer(named);
        return taken(event);
      }
      if (event.key === "F7" && this.away) {
        this.passOver();
        return taken(event);
      }
      if (event.key === "PageUp" || event.key === "PageDown") {
        this.turn(event.key === "PageUp" ? "back" : "on");
        return taken(event);
      }
      if (!this.form?.contains(input)) return;
      if (event.key === "Enter") return this.entered(event, input);
      if (event.ctrlKey) return;
      if (/^[0-9]$/.test(event.key) && !input.matches(WRITTEN)) {
        if (this.digit(event.key)) taken(event);
      } else if (event.key.startsWith("Arrow")) {
        this.arrow(event, input);
      }
    }

    entered(event, input) {
      if (input.matches("textarea") && !event.ctrlKey) return;
      if (input.matches("button:not(.go):not([data-option])")) return;
      taken(event);
      if (!event.repeat && !this.tooSoon()) this.answer();
    }

    /** Tell whether the answer is being sent, or the question has just come: a double click answers once. */
    tooSoon() {
      const sending = this.form?.getAttribute("aria-busy") === "true" && this.section.querySelector(".kept").dataset.state === "waiting";
      return sending || Date.now() - this.drawnAt < GUARD_MS;
    }

    /** Choose by number; digits typed together are one number: 1 and 0 are 10. */
    digit(key) {
      const scope = document.activeElement.closest(".row") ?? this.form;
      const choices = [...scope.querySelectorAll("[data-number]")];
      const together = Date.now() - this.typed.at < TYPED_TOGETHER_MS ? this.typed.digits + key : key;
      const find = (digits) => choices.find((one) => one.dataset.number === String(Number(digits)));
      const longer = together.length > 1 ? find(together) : undefined;
      const chosen = longer ?? find(key);
      if (!chosen) return choices.length > 0;
      if (longer) this.untoggle(find(this.typed.digits));
      this.typed = { digits: longer ? together : key, at: Date.now() };
      this.choose(chosen);
      return true;
    }

    /** The first digit of a longer number has toggled another one: take that back. */
    untoggle(first) {
      if (first?.type === "checkbox") first.checked = !first.checked;
      if (first?.dataset.option) this.rank(first);
    }

    choose(input, only = false) {
      if (!input) return;
      if (input.dataset.option) {
        input.focus();
        return this.rank(input);
      }
      input.checked = input.type === "checkbox" && !only ? !input.checked : true;
      if (input.type === "checkbox") exclude(this.form, input);
      this.remember();
      if (only) return;
      const words = input.checked && input.closest(".choice")?.querySelector(".words");
      const row = input.closest(".row");
      if (words) words.focus();
      else if (row) (rowAfter(row, 1) ?? row).focus(); else input.focus();
      if (words) words.select();
    }

    rank(button) {
      const list = button.closest(".ranking");
      const ranked = list.dataset.order.split(" ").filter(Boolean);
      const at = ranked.indexOf(button.dataset.option);
      if (at >= 0) ranked.splice(at, 1);
      else if (ranked.length < Number(list.dataset.top)) ranked.push(button.dataset.option);
      list.dataset.order = ranked.join(" ");
      order(this.form);
      this.remember();
    }

    arrow(event, input) {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!step || input.matches(WRITTEN)) return;
      const row = input.closest(".row");
      if (row) {
        rowAfter(row, step)?.focus();
        return taken(event);
      }
      if (!input.dataset.option) return;
      if (event.shiftKey) this.shift(input, step);
      else neighbour([...this.form.querySelectorAll("[data-option]")], input, step)?.focus();
      taken(event);
    }

    shift(button, step) {
      const list = button.closest(".ranking");
      const ranked = list.dataset.order.split(" ").filter(Boolean);
      const at = ranked.indexOf(button.dataset.option);
      if (at < 0 || !ranked[at + step]) return;
      [ranked[at], ranked[at + step]] = [ranked[at + step], ranked[at]];
      list.dataset.order = ranked.join(" ");
      order(this.form);
      this.remember();
    }

    /** Another tab has saved something: show it, unless somebody is typing here. */
    async heard() {
      if (this.draft() && this.draft().code === this.form?.dataset.code) return this.fault(this.section.dataset.wordsElsewhere);
      if (!this.queue().length) await this.look(this.body.dataset.again ? this.form?.dataset.code : "");
    }
  }

  function post(url, json) {
    return fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", "HX-Request": "true" },
      body: json === undefined ? undefined : JSON.stringify(json),
      signal: AbortSignal.timeout(SEND_TIMEOUT_MS),
    });
  }

  /** Return an answer as the server takes it. */
  function told(entry) {
    const { interview, sequence, value = null, no_answer = null, other = "" } = entry;
    return { interview, sequence, value, no_answer, other, age_ms: Math.max(0, Date.now() - entry.at) };
  }

  /** Send what an earlier page could not send any more: the call went on, the tab was closed, the computer went off. */
  async function sendLeft() {
    const here = [...shown.values()].map((one) => one.prefix);
    const left = storage.keys(KEPT).filter((key) => key.includes(".answer.") && !here.some((prefix) => key.startsWith(prefix)));
    for (const key of left.sort()) {
      const entry = JSON.parse(storage.get(key) ?? "{}");
      if (!entry.url || Date.now() - entry.at < LEFT_MS) continue; // its own page is sending it
      try {
        const answer = await post(`${entry.url}/answers/${encodeURIComponent(entry.code)}`, told(entry));
        if (answer.redirected || answer.status === 401 || answer.status === 429 || answer.status >= 500) return;
        storage.remove(key); // saved, or for good not to be saved
      } catch {
        return;
      }
    }
  }

  function taken(event) {
    event.preventDefault();
    event.stopPropagation(); // the desk has keys of its own
  }

  function neighbour(list, one, step) {
    return list[list.indexOf(one) + step];
  }

  /** Return the input to go to in the next row of a matrix. */
  function rowAfter(row, step) {
    const other = neighbour([...row.parentElement.querySelectorAll(".row")], row, step);
    return other?.querySelector("input:checked") ?? other?.querySelector("input") ?? (step > 0 ? row.querySelector("input:checked") : null);
  }

  /** An exclusive option leaves no other one, and any other one takes it away. */
  function exclude(form, input) {
    if (!input.checked) return;
    for (const other of form.querySelectorAll("input[type=checkbox]:checked")) {
      if (other !== input && (input.dataset.exclusive || other.dataset.exclusive)) other.checked = false;
    }
  }

  function order(form) {
    const list = form.querySelector(".ranking");
    const ranked = list.dataset.order.split(" ").filter(Boolean);
    for (const button of list.querySelectorAll("[data-option]")) {
      const at = ranked.indexOf(button.dataset.option);
      const rank = button.querySelector(".rank");
      button.setAttribute("aria-pressed", String(at >= 0));
      rank.textContent = at >= 0 ? `${rank.dataset.words} ${at + 1}` : "";
    }
  }

  /** Return what was answered, as the server's engine takes it. */
  function read(form) {
    const checked = [...form.querySelectorAll("input:checked")];
    const words = checked.map((one) => one.closest(".choice")?.querySelector(".words")).find(Boolean);
    const other = words ? words.value : "";
    const parts = (start) => Object.fromEntries([...form.elements].filter((one) => one.name?.startsWith(start)).map((one) => [one.name.slice(start.length), one.value]));
    switch (form.dataset.type) {
      case "single": return { value: checked[0]?.value ?? null, other };
      case "multiple": return { value: checked.map((one) => one.value), other };
      case "ranking": return { value: form.querySelector(".ranking").dataset.order.split(" ").filter(Boolean) };
      case "scale": case "nps": return { value: checked.length ? Number(checked[0].value) : null };
      case "matrix": return { value: Object.fromEntries(checked.map((one) => [one.dataset.row, one.value])) };
      case "address": {
        const said = parts("part.");
        return { value: Object.values(said).some((text) => text.trim()) ? said : null };
      }
      case "note": case "prompt": return { value: true };
      default: return { value: form.elements.value?.value ?? null };
    }
  }

  const shown = new Map();

  function look() {
    for (const section of document.querySelectorAll("section.interview")) {
      if (!shown.has(section)) shown.set(section, new Interview(section));
    }
    for (const section of [...shown.keys()]) if (!section.isConnected) shown.delete(section);
  }

  window.outdialInterviews = { look };
  setInterval(sendLeft, LEFT_MS / 4);
  window.addEventListener("online", () => { for (const one of shown.values()) { one.tries = 0; one.send(); } });
  window.addEventListener("offline", () => { for (const one of shown.values()) if (one.queue().length) one.state("offline"); });
  window.addEventListener("storage", (event) => {
    for (const one of shown.values()) if (event.key === `${one.prefix}news`) one.heard();
  });
  document.addEventListener("htmx:afterSettle", look);
  look();
  sendLeft();
})();
