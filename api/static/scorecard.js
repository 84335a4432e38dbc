// The questions of a scorecard change places: by buttons, by Alt with the arrow keys, by dragging. Saving sends the order.
"use strict";

(() => {
  const sheet = document.getElementById("sheet");
  if (!sheet) return;
  const said = document.getElementById("sheet-said");
  const rows = () => [...sheet.querySelectorAll(".sheet-row")];
  const names = rows().map((row) => row.querySelector(".text label").textContent);

  // What is ticked is told by the row's number, and so is what it is called.
  const renumber = () => rows().forEach((row, place) => {
    row.querySelector(".text label").textContent = names[place];
    for (const tick of row.querySelectorAll("input[type=checkbox]")) tick.value = String(place);
  });
  const settle = (row, focused) => {
    renumber();
    focused?.focus();
    said.textContent = sheet.dataset.moved.replace("#", String(rows().indexOf(row) + 1));
  };
  const move = (row, way, focused) => {
    const next = way === "up" ? row.previousElementSibling : row.nextElementSibling;
    if (!next) return;
    if (way === "up") next.before(row); else next.after(row);
    settle(row, focused);
  };

  for (const row of rows()) {
    row.querySelector(".moves").hidden = false;
    for (const button of row.querySelectorAll("[data-move]")) {
      button.addEventListener("click", () => move(row, button.dataset.move, button));
    }
  }
  sheet.addEventListener("keydown", (event) => {
    const way = { ArrowUp: "up", ArrowDown: "down" }[event.key];
    const row = event.target.closest(".sheet-row");
    if (!way || !event.altKey || !row) return;
    event.preventDefault();
    move(row, way, event.target);
  });

  // A row is dragged by its handle only: words in its fields stay selectable.
  let dragged = null;
  sheet.addEventListener("dragstart", (event) => {
    dragged = event.target.closest("[data-drags]")?.closest(".sheet-row") ?? null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setDragImage(dragged, 0, 0);
    event.dataTransfer.setData("text/plain", "");
  });
  sheet.addEventListener("dragover", (event) => {
    const row = dragged && event.target.closest(".sheet-row");
    if (!row) return;
    event.preventDefault();
    if (row === dragged) return;
    const all = rows();
    if (all.indexOf(row) < all.indexOf(dragged)) row.before(dragged); else row.after(dragged);
  });
  sheet.addEventListener("drop", (event) => { if (dragged) event.preventDefault(); });
  sheet.addEventListener("dragend", () => {
    if (dragged) settle(dragged);
    dragged = null;
  });
})();
