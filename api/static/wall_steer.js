// Steering from the wall: what can be done with an operator or a campaign comes into a dialog, whose name is its own.
"use strict";

(() => {
  const dialog = document.getElementById("steer");
  const inside = document.getElementById("steer-inside");
  const said = document.getElementById("supervise-said");

  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== inside) return;
    said.replaceChildren();
    dialog.setAttribute("aria-label", inside.querySelector("[aria-label]")?.getAttribute("aria-label") ?? "");
    if (!dialog.open) dialog.showModal();
  });
  dialog.addEventListener("close", () => inside.replaceChildren());
})();
