// Microphone and loudspeaker: chosen by the agent, remembered in this browser, measured.
"use strict";

(() => {
  const KEY = "outdial_devices";

  function chosen() {
    let kept = {};
    try {
      kept = JSON.parse(localStorage.getItem(KEY)) || {};
    } catch {
      kept = {}; // a value that somebody else wrote
    }
    return { microphone: "", speaker: "", cleaned: true, ...kept };
  }

  function choose(change) {
    localStorage.setItem(KEY, JSON.stringify({ ...chosen(), ...change }));
    document.dispatchEvent(new CustomEvent("devices:chosen"));
  }

  // A headset that is not plugged in any more must not keep the agent from working.
  const GONE = new Set(["OverconstrainedError", "NotFoundError", "NotReadableError"]);

  async function microphone() {
    const wish = chosen();
    const sound = {
      echoCancellation: wish.cleaned,
      noiseSuppression: wish.cleaned,
      autoGainControl: wish.cleaned,
    };
    if (wish.microphone) {
      try {
        const exact = { ...sound, deviceId: { exact: wish.microphone } };
        return await navigator.mediaDevices.getUserMedia({ audio: exact });
      } catch (error) {
        if (!GONE.has(error.name)) throw error;
      }
    }
    return navigator.mediaDevices.getUserMedia({ audio: sound });
  }

  async function useSpeaker(target) {
    if (!target || typeof target.setSinkId !== "function") return;
    try {
      await target.setSinkId(chosen().speaker);
    } catch {
      await target.setSinkId(""); // the usual one
    }
  }

  async function list() {
    const all = await navigator.mediaDevices.enumerateDevices();
    const of = (kind) => all.filter((one) => one.kind === kind && one.deviceId);
    return { microphones: of("audioinput"), speakers: of("audiooutput") };
  }

  // One for all: browsers allow a handful. It may not sound before the first key or click.
  let context = null;
  function audio() {
    if (context === null) {
      context = new AudioContext();
      const wake = () => context.resume();
      for (const kind of ["pointerdown", "keydown"]) document.addEventListener(kind, wake);
    }
    if (context.state === "suspended") context.resume();
    return context;
  }

  // Quieter than this is silence, dBFS.
  const FLOOR_DB = -60;

  // Returns a function that reads the level: 0 silence, 1 as loud as it gets.
  function meter(stream) {
    const source = audio().createMediaStreamSource(stream);
    const analyser = audio().createAnalyser();
    analyser.fftSize = 1024;
    source.connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const read = () => {
      analyser.getFloatTimeDomainData(samples);
      const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
      const level = 10 * Math.log10(power + 1e-12);
      return Math.min(1, Math.max(0, 1 - level / FLOOR_DB));
    };
    read.stop = () => source.disconnect();
    return read;
  }

  // A short tone for the agent alone: a call is there.
  async function beep(hz = 880, seconds = 0.18) {
    const sound = audio();
    await useSpeaker(sound);
    const tone = sound.createOscillator();
    const volume = sound.createGain();
    tone.frequency.value = hz;
    const now = sound.currentTime;
    volume.gain.setValueAtTime(0, now);
    volume.gain.linearRampToValueAtTime(0.25, now + 0.01);
    volume.gain.setValueAtTime(0.25, now + seconds - 0.02);
    volume.gain.linearRampToValueAtTime(0, now + seconds);
    tone.connect(volume).connect(sound.destination);
    tone.start();
    tone.stop(now + seconds);
  }

  window.outdialDevices = { chosen, choose, microphone, useSpeaker, list, meter, beep };
})();
