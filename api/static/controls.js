// Alt and a letter press the button of a call that shows the letter; keys sent are not left to be read.
"use strict";

document.addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
  // The place of the key counts, not the letter: it is the same one on Russian and Ukrainian keyboards.
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1];
  const button = letter && document.querySelector(`:is(#controls, #state-notice) button[data-key="${letter}"]`);
  if (!button) return;
  event.preventDefault();
  const field = button.form?.querySelector("input:invalid");
  if (field) field.focus();
  else button.click();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("#controls form.keys");
  if (form && event.detail.successful) form.reset();
});
