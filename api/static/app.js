// Tells people when the figures on the page are old. Everything else works without scripts.
"use strict";

document.addEventListener("htmx:sseError", () => document.body.classList.add("stale"));
document.addEventListener("htmx:sseOpen", () => document.body.classList.remove("stale"));

// The server writes times as the viewer's clock shows them.
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
if (zone && /^[\w+\-/]{1,60}$/.test(zone)) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `outdial_zone=${zone}; path=/; max-age=31536000; samesite=lax${secure}`;
}
