// Keys of a supervisor who listens: Alt with the number on the button. The panel is drawn anew when something changed.
"use strict";

(() => {
  document.addEventListener("keydown", (event) => {
    const plain = event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    const digit = /^(?:Digit|Numpad)([0-9])$/.exec(event.code);
    if (!plain || !digit) return;
    const button = document.querySelector(`#listening [data-listen-key="${digit[1]}"]`);
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
  });
  // What the page came for: ?agent=… begins at once, when nobody is listened to yet.
  const start = document.getElementById("listen-start");
  const wished = new URLSearchParams(location.search).has("agent");
  if (start && wished && document.querySelector('#listening [data-state=""]')) {
    window.addEventListener("load", () => start.click());
    history.replaceState(null, "", location.pathname);
  }
})();
