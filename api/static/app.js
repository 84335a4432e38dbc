// Tells people when the figures on the page are old. Everything else works without scripts.
"use strict";

document.addEventListener("htmx:sseError", () => document.body.classList.add("stale"));
document.addEventListener("htmx:sseOpen", () => document.body.classList.remove("stale"));
