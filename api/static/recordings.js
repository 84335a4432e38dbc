// The player of one recording: the waveform, places, speed, and which stretches were heard.
"use strict";

(() => {
  const player = document.getElementById("player");
  if (!player) return;
  const sound = document.getElementById("sound");
  const canvas = document.getElementById("wave");
  const play = document.getElementById("play");
  const clock = document.getElementById("clock");
  const speed = document.getElementById("speed");
  const marks = [...document.querySelectorAll(".mark")].map((button) => ({
    button, at: Number(button.dataset.at),
    until: button.dataset.until ? Number(button.dataset.until) : null, kind: button.dataset.kind,
  })).sort((one, other) => one.at - other.at);
  const seconds = Number(player.dataset.seconds) || 0.1;
  const peaks = player.dataset.peaks ? player.dataset.peaks.split(",").map(Number) : [];
  const half = peaks.length / 2;
  const STEP_S = 5;

  const text = (at) => {
    const whole = Math.floor(at);
    const rest = String(whole % 60).padStart(2, "0");
    const minutes = Math.floor(whole / 60);
    return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
  };
  const colour = (name) => getComputedStyle(player).getPropertyValue(name).trim();

  const draw = () => {
    const ratio = window.devicePixelRatio || 1;
    const width = canvas.clientWidth, height = canvas.clientHeight;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    const pen = canvas.getContext("2d");
    pen.scale(ratio, ratio);
    pen.clearRect(0, 0, width, height);
    for (const one of marks) {
      const left = (one.at / seconds) * width;
      if (one.until !== null) {
        pen.fillStyle = colour(one.kind === "unrecorded" ? "--bad-soft" : "--plain-soft");
        pen.fillRect(left, 0, Math.max(2, ((one.until - one.at) / seconds) * width), height);
      }
    }
    const now = (sound.currentTime / seconds) * width;
    for (let side = 0; side < 2; side += 1) {
      const middle = height * (side ? 0.75 : 0.25), most = height * 0.23;
      for (let x = 0; x < width; x += 2) {
        const first = Math.floor((x / width) * half);
        const last = Math.max(first + 1, Math.floor(((x + 2) / width) * half));
        const top = Math.max(0, ...peaks.slice(side * half + first, side * half + last)) / 255;
        pen.fillStyle = x <= now ? colour("--accent") : colour("--quiet");
        pen.fillRect(x, middle - Math.max(0.5, top * most), 1.4, Math.max(1, 2 * top * most));
      }
    }
    for (const one of marks) {
      pen.fillStyle = colour(one.kind === "answer" || one.kind === "field" ? "--good" : "--warn");
      pen.fillRect(Math.min(width - 2, (one.at / seconds) * width), height / 2 - 7, 2, 14);
    }
    pen.fillStyle = colour("--text");
    pen.fillRect(Math.min(width - 2, now), 0, 2, height);
  };

  const show = () => {
    clock.textContent = text(sound.currentTime);
    canvas.setAttribute("aria-valuenow", String(Math.round(sound.currentTime)));
    canvas.setAttribute("aria-valuetext", text(sound.currentTime));
    let now = null;
    for (const one of marks) if (one.at <= sound.currentTime + 0.05) now = one;
    for (const one of marks) one.button.classList.toggle("now", one === now && sound.currentTime > 0);
    draw();
  };

  // Which stretch is being heard: told when it ends, also when the page is left.
  let from = null;
  const tell = () => {
    if (from === null) return;
    const to = sound.currentTime;
    if (to - from >= 0.2) {
      const facts = new URLSearchParams({ from_s: from.toFixed(1), to_s: to.toFixed(1), speed: String(sound.playbackRate) });
      navigator.sendBeacon(player.dataset.heard, facts);
    }
    from = null;
  };
  const begin = () => { if (!sound.paused && from === null) from = sound.currentTime; };
  let last = 0;
  const seek = (at) => {
    tell();
    sound.currentTime = Math.min(Math.max(0, at), seconds);
    show();
  };

  sound.preservesPitch = true;
  sound.addEventListener("play", () => { play.textContent = play.dataset.pause; begin(); });
  sound.addEventListener("playing", begin);
  sound.addEventListener("pause", () => { play.textContent = play.dataset.play; tell(); show(); });
  sound.addEventListener("ended", tell);
  sound.addEventListener("seeked", () => { begin(); show(); });
  sound.addEventListener("error", () => { document.getElementById("unheard").hidden = false; });
  sound.addEventListener("timeupdate", () => {
    if (Math.abs(sound.currentTime - last) > 0.05) show();
    last = sound.currentTime;
  });
  window.addEventListener("pagehide", tell);
  window.addEventListener("resize", draw);

  const toggle = () => { if (sound.paused) sound.play(); else sound.pause(); };
  play.addEventListener("click", toggle);
  speed.addEventListener("change", () => { tell(); sound.playbackRate = Number(speed.value); begin(); });
  for (const button of player.querySelectorAll("[data-by]")) {
    button.addEventListener("click", () => seek(sound.currentTime + Number(button.dataset.by)));
  }
  for (const one of marks) one.button.addEventListener("click", () => seek(one.at));
  canvas.addEventListener("pointerdown", (event) => {
    const box = canvas.getBoundingClientRect();
    seek(((event.clientX - box.left) / box.width) * seconds);
  });

  const next = () => marks.find((one) => one.at > sound.currentTime + 0.1);
  const before = () => marks.filter((one) => one.at < sound.currentTime - 0.5).pop();
  const KEYS = {
    ArrowLeft: () => seek(sound.currentTime - STEP_S), ArrowDown: () => seek(sound.currentTime - STEP_S),
    ArrowRight: () => seek(sound.currentTime + STEP_S), ArrowUp: () => seek(sound.currentTime + STEP_S),
    Home: () => seek(0), End: () => seek(seconds),
    PageDown: () => seek(next() ? next().at : seconds), PageUp: () => seek(before() ? before().at : 0),
    " ": toggle,
  };
  canvas.addEventListener("keydown", (event) => {
    const act = KEYS[event.key];
    if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, select, textarea, button, a, canvas");
    if (event.key !== " " || typing) return;
    event.preventDefault();
    toggle();
  });
  show();
})();
