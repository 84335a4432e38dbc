// Tells people when the figures on the page are old. Everything else works without scripts.
"use strict";

document.addEventListener("htmx:sseError", () => document.body.classList.add("stale"));
document.addEventListener("htmx:sseOpen", () => document.body.classList.remove("stale"));

// On a telephone a row of links is one line that is moved: where one is, is in sight.
for (const here of document.querySelectorAll(".places [aria-current]")) {
  const row = here.parentElement;
  row.scrollLeft = here.offsetLeft - row.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
}

// A refusal is a piece of ours and is shown where it belongs, or in #problem, as its headers say. A whole page,
// ours or a proxy's, and what is no page at all never come into a piece.
const problem = document.getElementById("problem");
let refusedVerb = "";

function isPiece(xhr) {
  const isPage = (xhr.getResponseHeader("Content-Type") ?? "").startsWith("text/html");
  return isPage && !/^\s*<(!doctype|html)/i.test(xhr.responseText);
}

function tellProblem(words, verb) {
  refusedVerb = verb;
  if (problem && problem.textContent.trim() !== words) {
    const told = document.createElement("p");
    told.className = "banner bad";
    told.textContent = words;
    problem.replaceChildren(told);
  }
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const { xhr, requestConfig } = event.detail;
  const { verb } = requestConfig;
  if (xhr.status < 400) {
    // What was refused stays until something is done: pieces that are asked for by themselves take away their own.
    if (verb !== "get" || refusedVerb === "get") problem?.replaceChildren();
  } else if (!isPiece(xhr)) event.detail.shouldSwap = false;
  else if (event.detail.target === problem) refusedVerb = verb;
});

document.addEventListener("htmx:responseError", (event) => {
  const { xhr, requestConfig } = event.detail;
  if (requestConfig.verb !== "get" && !isPiece(xhr)) tellProblem(problem?.dataset.failed ?? "", requestConfig.verb);
});

document.addEventListener("htmx:sendError", (event) => {
  const { elt, requestConfig } = event.detail;
  const words = elt.closest("[data-away]")?.dataset.away ?? problem?.dataset.away;
  if (requestConfig.verb !== "get") tellProblem(words ?? "", requestConfig.verb);
});

// The server writes times as the viewer's clock shows them.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && /^[\w+\-/]{1,60}$/.test(zone)) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `outdial_zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
}
