// What is on the desk stays through a bad connection: a stream that begins anew draws nothing twice, and what
// was entered while the server was away is sent again by itself. A result sent twice is saved once.
"use strict";

(() => {
  const AGAIN_MS = 1500;

  // What a piece is about; the same once more would take away what was typed, the chosen time and the focus.
  const ABOUT = {
    card: (root) => root.querySelector(".contact")?.dataset.attempt,
    result: (root) => root.querySelector("#dispose")?.getAttribute("action"),
    talk: (root) => root.querySelector(".loads")?.dataset.talk,
  };

  function read(html) {
    const fresh = document.createElement("template");
    fresh.innerHTML = html; // ours, escaped by the server; it is only looked at
    return fresh.content;
  }

  function isShown(name, html) {
    const about = ABOUT[name];
    const shown = document.getElementById(name);
    if (!about || !shown) return false;
    const key = about(read(html));
    return Boolean(key) && key === about(shown);
  }

  // The answer to a button may come after what the stream has told since: the state that began last is shown.
  function whenOf(root) {
    const now = root.querySelector(".now[data-now]");
    return now && [now.querySelector("[data-since]").dataset.since, now.dataset.now].map((one) => Date.parse(one));
  }

  function isOld(html) {
    const told = whenOf(read(html));
    const shown = whenOf(document);
    return Boolean(told && shown) && (told[0] - shown[0] || told[1] - shown[1]) < 0;
  }

  let isLate = false; // the answer that is being put on the page

  document.addEventListener("htmx:sseBeforeMessage", (event) => {
    if (isShown(event.target.id, event.detail.data)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    isLate = isOld(event.detail.serverResponse);
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    const { target, fragment } = event.detail;
    const isSame = target.id === "card" && isShown("card", fragment.innerHTML); // with corrections half written
    if (isLate || isSame) event.detail.shouldSwap = false;
  });

  // Enter on a chosen time is no result: in a browser it presses the form's first button.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("#dispose input[type=radio]")) event.preventDefault();
  });

  // --- sent again ----------------------------------------------------------------------------

  let pressed = null; // the button of the result that is on its way

  document.addEventListener("click", (event) => {
    const button = event.target.closest("#dispose button");
    if (button) pressed = button;
  });

  function isAway(xhr) {
    return xhr.status === 0 || xhr.status >= 500;
  }

  function sendAgain(elt) {
    if (elt.matches(".loads > *")) {
      htmx.ajax("GET", elt.getAttribute("hx-get"), { source: elt, target: elt.getAttribute("hx-target") });
    } else if (elt.id === "note") {
      htmx.ajax("POST", elt.getAttribute("hx-post"), { source: elt, swap: "none", values: { note: elt.value } });
    } else {
      pressed.click();
    }
  }

  document.addEventListener("htmx:afterRequest", (event) => {
    const { elt, xhr } = event.detail;
    if (!elt.matches(".loads > *, #note, #dispose, #dispose button") || !isAway(xhr)) return;
    const button = pressed;
    const isResult = elt.id !== "note" && !elt.matches(".loads > *");
    setTimeout(() => {
      // Another result was pressed meanwhile, or the call has one from elsewhere: this one is not wanted any more.
      if (elt.isConnected && (!isResult || (button?.isConnected && button === pressed))) sendAgain(elt);
    }, AGAIN_MS);
  });
})();
