// The preview of a client's look: what the form says, before it is saved. The server checks it again.
"use strict";

(() => {
  const form = document.getElementById("look-form");
  const preview = document.querySelector(".preview");
  const least = Number(preview.dataset.least);
  const colour = /^#[0-9a-f]{6}$/i;

  const luminance = (text) => {
    const part = (at) => {
      const value = parseInt(text.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    };
    return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5);
  };
  const contrast = (one, other) => {
    const both = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (both[0] + 0.05) / (both[1] + 0.05);
  };
  const lightened = (text, surfaces) => {
    for (let share = 0; share <= 1.0001; share += 0.05) {
      const parts = [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
      const lighter = "#" + parts.map((part) => Math.round(part + (255 - part) * share).toString(16).padStart(2, "0")).join("");
      if (surfaces.every((one) => contrast(lighter, one) >= least)) return lighter;
    }
    return "#ffffff";
  };

  const show = (field, kind, value) => {
    const sample = preview.querySelector(`.sample.${kind}`);
    const told = form.querySelector(`output[for="${field.id}"]`);
    if (!colour.test(value)) {
      sample.style.removeProperty("--accent");
      sample.style.removeProperty("--on-accent");
      told.textContent = "";
      return;
    }
    sample.style.setProperty("--accent", value);
    sample.style.setProperty("--on-accent", contrast("#ffffff", value) >= contrast("#0b1220", value) ? "#ffffff" : "#0b1220");
    const worst = Math.min(...field.dataset.surfaces.split(" ").map((one) => contrast(value, one)));
    told.textContent = `${told.dataset.label}: ${worst.toFixed(1)} ${worst >= least ? "✓" : "✗"}`;
  };

  const draw = () => {
    const light = form.elements.accent;
    const dark = form.elements.accent_dark;
    const given = light.value.trim();
    const own = dark.value.trim();
    show(light, "light", given);
    show(dark, "dark", own || (colour.test(given) ? lightened(given, dark.dataset.surfaces.split(" ")) : ""));
    for (const name of preview.querySelectorAll("[data-name]")) name.textContent = form.elements.name.value.trim() || name.dataset.name;
  };

  form.addEventListener("input", draw);
  draw();
})();
