// The builder of forms: drag and keys, what the server refuses, a lost connection. Saving is htmx's.
"use strict";

// A refusal comes with the page that says why: it is shown like any other answer.
document.addEventListener("htmx:beforeSwap", (event) => {
  if ([409, 422].includes(event.detail.xhr.status)) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
  }
});

const offline = (is) => document.body.classList.toggle("offline", is);
document.addEventListener("htmx:sendError", () => offline(true));
document.addEventListener("htmx:timeout", () => offline(true));
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful) offline(false);
});
window.addEventListener("beforeunload", (event) => {
  if (document.body.classList.contains("offline")) event.preventDefault();
});

function move(code, values) {
  const builder = document.getElementById("builder");
  const address = `/forms/${builder.dataset.form}/questions/${code}/move`;
  const token = `${Date.now()}-${Math.random()}`; // a drop is never meant twice
  htmx.ajax("POST", address, {
    values: { token, ...values },
    source: builder,
    target: "#builder",
    select: "#builder",
    swap: "outerHTML",
  });
}

// Keys: Enter in the last option adds one; Alt with an arrow moves the question in the outline.
document.addEventListener("keydown", (event) => {
  const at = event.target;
  if (event.key === "Enter" && at instanceof HTMLInputElement && at.dataset.adds) {
    event.preventDefault();
    const all = [...at.form.querySelectorAll(`input[data-adds="${at.dataset.adds}"]`)];
    const next = all[all.indexOf(at) + 1];
    if (next) next.focus();
    else at.form.querySelector(`button[value="add:${at.dataset.adds}"]`).click();
    return;
  }
  const way = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  if (!way) return;
  const line = at.closest?.("#outline li[data-code]");
  if (line && event.altKey) {
    event.preventDefault();
    move(line.dataset.code, { by: way });
  } else if (at.matches?.("#outline .line > a")) {
    event.preventDefault();
    const links = [...document.querySelectorAll("#outline .line > a")];
    links[links.indexOf(at) + (way === "up" ? -1 : 1)]?.focus();
  }
});

// Drag: before the question on which it is dropped, or to the end of the section.
let dragged = null;
const clear = () => {
  for (const one of document.querySelectorAll(".landing")) one.classList.remove("landing");
};
const landing = (target) => target.closest?.("#outline li[data-code], #outline ol[data-section], #outline .section");

document.addEventListener("dragstart", (event) => {
  dragged = event.target.closest?.("#outline li[data-code]");
  if (!dragged) return;
  dragged.classList.add("dragged");
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", dragged.dataset.code);
});
document.addEventListener("dragover", (event) => {
  const place = dragged && landing(event.target);
  if (!place) return;
  event.preventDefault();
  clear();
  if (place !== dragged) place.classList.add("landing");
});
document.addEventListener("drop", (event) => {
  const place = dragged && landing(event.target);
  if (!place) return;
  event.preventDefault();
  if (place.dataset.code) {
    if (place !== dragged) move(dragged.dataset.code, { before: place.dataset.code });
  } else {
    move(dragged.dataset.code, { section: place.dataset.section });
  }
});
document.addEventListener("dragend", () => {
  dragged?.classList.remove("dragged");
  dragged = null;
  clear();
});
