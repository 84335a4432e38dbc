// Scripts and the knowledge base: a step follows a click at once, the place is kept, "/" begins a search.
"use strict";

// Where the operator is in a panel: the steps gone through, the latest last.
function trailOf(panel) {
  return (panel.dataset.trail || "").split(",").filter(Boolean);
}

function stepOf(panel, code) {
  return [...panel.querySelectorAll("[data-step]")].find((step) => step.dataset.step === code);
}

function showStep(panel, code, trail) {
  const wanted = stepOf(panel, code);
  if (!wanted) return;
  for (const step of panel.querySelectorAll("[data-step]")) step.hidden = step !== wanted;
  for (const way of panel.querySelectorAll(".script-ways [data-goto]")) {
    if (way.dataset.goto === code) way.setAttribute("aria-current", "step");
    else way.removeAttribute("aria-current");
  }
  panel.dataset.trail = trail.join(",");
  for (const news of panel.querySelectorAll(".news")) news.remove();
  readyBack(panel);
  wanted.querySelector("h3").focus();
  keepTrail(panel);
}

function readyBack(panel) {
  const back = panel.querySelector("[data-back]");
  if (back) back.disabled = !backFrom(trailOf(panel));
}

// The server keeps the place too: a new window, and another version, stand at the same step.
function keepTrail(panel) {
  if (!panel.dataset.keep) return;
  const body = new URLSearchParams({ trail: panel.dataset.trail });
  fetch(panel.dataset.keep, { method: "POST", body, keepalive: true }).catch(() => {});
}

document.addEventListener("click", (event) => {
  const button = event.target.closest(".script-panel [data-goto], .script-panel [data-back]");
  if (!button) return;
  const panel = button.closest(".script-panel");
  const trail = trailOf(panel);
  if ("back" in button.dataset) {
    // Going back is a step of the way too: a shorter trail would be taken for a late one.
    const visited = backFrom(trail);
    if (visited) showStep(panel, visited, [...trail, visited]);
    return;
  }
  const code = button.dataset.goto;
  if (trail[trail.length - 1] !== code) trail.push(code);
  showStep(panel, code, trail);
});

// The step before the present one, as a stack would have it: "a b a" is at a with nothing before it but what preceded a.
function backFrom(trail) {
  const stack = [];
  for (const code of trail) {
    if (stack.length > 1 && stack[stack.length - 2] === code) stack.pop();
    else stack.push(code);
  }
  return stack.length > 1 ? stack[stack.length - 2] : "";
}

// What is swapped with its panel is not heard by a screen reader: a place that stays says it.
function announce(words) {
  let heard = document.querySelector("#script-heard");
  if (!heard) {
    heard = document.createElement("div");
    heard.id = "script-heard";
    heard.className = "heard-only";
    heard.setAttribute("role", "status");
    document.body.append(heard);
  }
  heard.textContent = words;
}

// What replaces a panel is told where the operator is, and focus and scroll stay where they were.
let held = null;

document.addEventListener("htmx:configRequest", (event) => {
  const panel = document.querySelector("#script-panel");
  const path = event.detail.path;
  const inDesk = panel && panel.contains(event.detail.elt) && path.startsWith("/desk/script/");
  const preview = event.detail.elt.id === "preview" ? event.detail.elt.querySelector(".script-panel") : null;
  const from = inDesk ? panel : preview;
  if (from) event.detail.parameters.at = trailOf(from).pop() || "";
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const panel = event.detail.target.closest(".script-panel") || event.detail.target.querySelector(".script-panel");
  if (!panel || event.detail.target.closest("#knowledge-panel")) return;
  const focused = document.activeElement;
  held = {
    trail: trailOf(panel),
    focus: panel.contains(focused) ? focused.dataset.goto || "heading" : "",
    top: window.scrollY,
  };
});

// Results that come late: who has gone down to one of them stays there, or goes back to the question.
let hit = "";

function articleOf(element) {
  return (element.getAttribute("hx-get") || "").split("?")[0];
}

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id !== "knowledge-found") return;
  const focused = document.activeElement;
  hit = focused.matches("#knowledge-found .hit") ? articleOf(focused) : "";
});

function keepHit(found) {
  const same = [...found.querySelectorAll(".hit")].find((one) => articleOf(one) === hit);
  hit = "";
  (same || document.querySelector("#knowledge-question")).focus({ preventScroll: true });
}

document.addEventListener("htmx:afterSettle", (event) => {
  for (const panel of document.querySelectorAll(".script-panel")) readyBack(panel);
  const panel = document.querySelector("#script-panel, #preview .script-panel");
  const news = panel && panel.querySelector(".news");
  if (panel) announce(news ? news.textContent.trim() : "");
  if (held && panel) {
    if (panel.id === "script-panel") window.scrollTo(window.scrollX, held.top);
    else if (held.trail.length > 1) panel.dataset.trail = held.trail.filter((code) => stepOf(panel, code)).join(",");
    const shown = panel.querySelector("[data-step]:not([hidden])");
    if (held.focus && shown) {
      const same = [...shown.querySelectorAll("[data-goto]")].find((one) => one.dataset.goto === held.focus);
      (same || shown.querySelector("h3")).focus({ preventScroll: true });
    }
    readyBack(panel);
    held = null;
  }
  const article = event.detail.elt.querySelector && event.detail.elt.querySelector(".found-article h3[tabindex]");
  if (event.detail.elt.id !== "knowledge-found") return;
  if (article) article.focus();
  else if (hit) keepHit(event.detail.elt);
});

function isTyping(element) {
  return element.closest("input, textarea, select, [contenteditable]") !== null;
}

document.addEventListener("keydown", (event) => {
  const question = document.querySelector("#knowledge-question");
  if (!question || event.ctrlKey || event.altKey || event.metaKey) return;
  const found = [...document.querySelectorAll("#knowledge-found .hit")];
  const at = found.indexOf(document.activeElement);
  if (event.key === "/" && !isTyping(document.activeElement)) {
    question.focus();
    question.select();
  } else if (event.key === "ArrowDown" && (document.activeElement === question || at >= 0) && found[at + 1]) {
    found[at + 1].focus();
  } else if (event.key === "ArrowUp" && at >= 0) {
    (found[at - 1] || question).focus();
  } else if (event.key === "Escape" && document.activeElement.closest("#knowledge-found")) {
    const back = document.querySelector("#knowledge-found [data-to-results]");
    if (back) back.click();
    question.focus();
  } else {
    return;
  }
  event.preventDefault();
});
