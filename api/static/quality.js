// Scoring a call: a note sits where the recording stands, a click on one plays from there, the total runs along.
"use strict";

(() => {
  const sound = document.getElementById("sound");
  const at = document.getElementById("at_s");
  const note = document.getElementById("note");
  if (sound && at) {
    const place = () => { at.value = sound.currentTime.toFixed(1); };
    sound.addEventListener("seeked", place);
    // Whoever writes already means the moment that was heard then.
    sound.addEventListener("timeupdate", () => { if (!note.value) place(); });
  }
  for (const button of document.querySelectorAll("[data-plays]")) {
    button.addEventListener("click", () => { if (sound) sound.play(); });
  }

  const form = document.getElementById("score-form");
  if (!form) return;
  const total = document.getElementById("total");
  const count = () => {
    let earned = 0, whole = 0, failed = false, open = false;
    for (const question of form.querySelectorAll(".question")) {
      const chosen = question.querySelector("input:checked");
      if (!chosen) { open = true; continue; }
      if (chosen.value === "na") continue;
      const weight = Number(question.dataset.weight);
      earned += weight * Number(chosen.value) / Number(question.dataset.points);
      whole += weight;
      if ("critical" in question.dataset && chosen.value === "0") failed = true;
    }
    total.hidden = !whole;
    if (!whole) return;
    const strong = document.createElement("strong");
    const share = new Intl.NumberFormat(document.documentElement.lang, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
    strong.textContent = share.format(failed ? 0 : earned / whole);
    total.replaceChildren(`${total.dataset.total} `, strong, failed ? total.dataset.failed : open ? "…" : "");
  };
  form.addEventListener("change", count);
  count();
})();
