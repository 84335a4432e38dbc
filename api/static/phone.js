// The telephone in the agent's browser. It registers, answers the agent's own leg by itself (the exchange
// marks it), and comes back by itself after a lost connection. One page at a time has it: a lock of the
// browser says so among its tabs (a killed tab lets go at once), an epoch of the server among browsers.
"use strict";

(() => {
  const panel = document.getElementById("phone");
  if (!panel) return;

  const devices = window.outdialDevices;
  const words = JSON.parse(panel.dataset.words);
  const part = (name) => document.getElementById(`phone-${name}`);
  const HOME = panel.dataset.path || "/desk/phone"; // the agent's, or a supervisor's telephone
  const LOCK = panel.dataset.lock || "outdial-phone";
  const NOTICE_MS = 400; // another tab lets go within this, if it is only being loaded anew
  const CAME_AGAIN_MS = 4000;
  const LOOK_MS = 60000;
  const AGAIN_MS = [500, 1000, 2000, 4000, 8000];
  const GATHER_MS = 50; // addresses of this computer come at once; nothing later is needed
  const MUTED = "outdial_muted";

  let ua = null;
  let leg = null; // the session that carries calls
  let microphone = null;
  let epoch = 0;
  let held = false; // this tab has the lock
  let waiting = null; // ends our place in the lock's queue
  let failures = 0;
  let again = 0; // timer
  let cameTimer = 0;
  let testing = null; // the session of an echo test
  let blocked = false; // the browser does not let us sound yet
  let endQuality = () => {};
  let readLevel = null;
  let muted = sessionStorage.getItem(MUTED) === "1";

  // --- what is shown -----------------------------------------------------------------------

  function show(state, kind = "") {
    if (panel.dataset.state !== state) {
      panel.dataset.state = state;
      part("state").textContent = words[state];
      part("state").className = `state ${kind}`;
      part("hint").textContent = words[`${state}_hint`] || "";
    }
    const usable = state === "ready" || state === "connected";
    part("mute").disabled = !usable;
    if (blocked && leg !== null) offerSound();
    else offer("", null);
    document.dispatchEvent(new CustomEvent("phone:state", { detail: { state, connected: leg !== null } }));
  }

  let offered = null;
  function offer(text, act) {
    offered = act;
    part("offer").hidden = act === null;
    part("offer").textContent = text;
  }

  // Browsers play nothing on a page that nobody has touched yet.
  function offerSound() {
    offer(words.sound_on, async () => {
      await part("audio").play();
      blocked = false;
      offer("", null);
    });
  }

  function showMuted() {
    part("mute").setAttribute("aria-pressed", String(muted));
    part("muted").textContent = muted ? words.muted : "";
    panel.classList.toggle("muted", muted);
  }

  function showQuality(found) {
    const text = words.figures
      .replace("{rtt}", Math.round(found.rtt_ms))
      .replace("{loss}", (found.loss * 100).toFixed(1))
      .replace("{jitter}", Math.round(found.jitter_ms));
    const line = part("quality");
    if (line.dataset.word !== found.word) {
      line.dataset.word = found.word; // read out only when the word changes
      part("quality-word").textContent = words[`quality_${found.word}`];
    }
    part("quality-figures").textContent = text;
  }

  function hideQuality() {
    endQuality();
    part("quality").dataset.word = "";
    part("quality-word").textContent = "";
    part("quality-figures").textContent = "";
  }

  // --- one tab at a time -------------------------------------------------------------------

  function hold(steal) {
    if (waiting) waiting.abort();
    waiting = new AbortController();
    const options = steal ? { steal: true } : { signal: waiting.signal };
    const notice = setTimeout(() => {
      show("second_tab", "paused");
      offer(words.take, () => hold(true));
    }, NOTICE_MS);
    navigator.locks
      .request(LOCK, options, () => {
        clearTimeout(notice);
        held = true;
        start();
        return new Promise(() => {}); // until this page is gone, or another tab takes it
      })
      .catch((error) => {
        clearTimeout(notice);
        if (!held || error.name !== "AbortError") return;
        held = false;
        stop();
        hold(false); // back here when the other tab is closed
      });
  }

  // --- the server --------------------------------------------------------------------------

  async function ask(method, path, body) {
    const request = { method, cache: "no-store", headers: { Accept: "application/json" } };
    // What the page asks by itself is no use of the program: an idle session must still end.
    if (method === "GET") request.headers["HX-Request"] = "true";
    if (body) {
      request.headers["Content-Type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    try {
      const response = await fetch(path, request);
      const told = await response.json();
      return { status: response.status, code: response.ok ? "" : told.code, told };
    } catch {
      return { status: 0, code: "network", told: {} };
    }
  }

  function later(act) {
    clearTimeout(again);
    again = setTimeout(act, AGAIN_MS[Math.min(failures, AGAIN_MS.length - 1)]);
    failures += 1;
  }

  async function start() {
    clearTimeout(again);
    show("connecting");
    const { status, code, told } = await ask("GET", HOME);
    if (!held) return;
    if (code) return refused(status, code, start);
    if (told.kind !== "browser") return show("own_telephone", "running");
    try {
      microphone = microphone || (await devices.microphone());
    } catch {
      show("no_microphone", "stopped");
      return offer(words.try_again, start);
    }
    applyMuted();
    readLevel = readLevel || devices.meter(microphone);
    return take(false);
  }

  async function take(fromOthers) {
    const { status, code, told } = await ask("POST", HOME, { from_others: fromOthers });
    if (!held) return undefined;
    if (code === "phone_in_use") {
      show("other_browser", "paused");
      return offer(words.take, () => take(true));
    }
    if (code) return refused(status, code, () => take(fromOthers));
    epoch = told.epoch;
    return connect(told);
  }

  function refused(status, code, retry) {
    if (status === 401) return show("signed_out", "stopped");
    if (code === "not_an_agent") return show("not_an_agent");
    if (code === "phone_elsewhere") return show("own_telephone", "running");
    if (code === "phones_not_set_up") return show("not_set_up", "stopped");
    show("away", "paused");
    return later(retry);
  }

  // Another page has the telephone, in whatever browser.
  function lost() {
    stop();
    show("taken", "paused");
    offer(words.take, () => {
      show("connecting");
      take(true);
    });
  }

  async function look() {
    if (!held || ua === null) return false;
    const { status, code, told } = await ask("GET", HOME);
    if (status === 401) {
      stop();
      show("signed_out", "stopped");
      return true;
    }
    if (!code && told.epoch > epoch) {
      lost();
      return true;
    }
    return false;
  }

  // The page holds no leg: have it dialled now, and not when somebody notices.
  async function came() {
    clearTimeout(cameTimer);
    if (ua === null || !ua.isRegistered() || hasLeg()) return;
    const { code, told } = await ask("POST", `${HOME}/came`, { epoch });
    if (code === "phone_taken") {
      if (!(await look())) takeAnew();
    } else if (code || told.on_shift) cameTimer = setTimeout(came, CAME_AGAIN_MS);
  }

  // --- SIP ---------------------------------------------------------------------------------

  function connect(given) {
    end(ua);
    const { hostname } = new URL(given.websocket.replace(/^ws/, "http"));
    const mine = new JsSIP.UA({
      sockets: [new JsSIP.WebSocketInterface(given.websocket)],
      uri: `sip:${given.user}@${hostname}`,
      authorization_user: given.user,
      password: given.password,
      realm: given.realm,
      register_expires: 60,
      session_timers: false,
      user_agent: "outdial",
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 4,
    });
    ua = mine;
    const when = (event, act) => mine.on(event, (told) => ua === mine && act(told));
    when("registered", () => {
      failures = 0;
      show(hasLeg() ? "connected" : "ready", "running");
      came();
    });
    when("disconnected", () => show("reconnecting", "paused"));
    when("registrationFailed", async () => (await look()) || takeAnew());
    when("newRTCSession", incoming);
    mine.start();
  }

  // Asterisk does not know the telephone any more: it was started anew, or the shift's end removed it.
  function takeAnew() {
    stop();
    show("away", "paused");
    later(() => held && take(false));
  }

  function end(agent) {
    if (agent !== null) agent.stop();
  }

  function stop() {
    const former = ua;
    ua = null;
    clearTimeout(again);
    clearTimeout(cameTimer);
    forget(leg);
    end(former);
  }

  function forget(session) {
    if (session === null || leg !== session) return;
    leg = null;
    hideQuality();
    part("audio").srcObject = null;
  }

  function hasLeg() {
    if (leg === null || leg.isEnded()) return false;
    const state = leg.connection ? leg.connection.connectionState : "new";
    return !["disconnected", "failed", "closed"].includes(state);
  }

  function incoming({ session, originator, request }) {
    if (originator === "local") return; // the echo test
    if (!request.getHeader("X-Outdial-Leg")) {
      session.terminate({ status_code: 486 });
      return;
    }
    if (testing !== null && !testing.isEnded()) testing.terminate();
    const former = leg;
    leg = session;
    if (former !== null && !former.isEnded()) former.terminate();
    const over = () => {
      if (leg !== session) return;
      forget(session);
      if (ua !== null && ua.isRegistered()) show("ready", "running");
      look();
    };
    session.on("ended", over);
    session.on("failed", over);
    session.on("confirmed", () => leg === session && show("connected", "running"));
    carry(session, () => {
      if (leg === session && session.connection.connectionState === "failed") {
        forget(session);
        session.terminate();
        came();
      }
    });
    session.answer({ mediaStream: microphone, pcConfig: { iceServers: [] } });
  }

  // Sound and figures of a session; `changed` is told when its connection's state changes.
  function carry(session, changed) {
    let told = false;
    session.on("icecandidate", ({ ready }) => {
      if (!told) setTimeout(ready, GATHER_MS);
      told = true;
    });
    const use = (connection) => {
      connection.addEventListener("connectionstatechange", changed);
      connection.addEventListener("track", (event) => {
        listen(event.streams[0] || new MediaStream([event.track]));
      });
      endQuality();
      endQuality = window.outdialQuality.watch(connection, showQuality);
    };
    if (session.connection) use(session.connection);
    else session.on("peerconnection", ({ peerconnection }) => use(peerconnection));
  }

  async function listen(stream) {
    const audio = part("audio");
    audio.srcObject = stream;
    await devices.useSpeaker(audio);
    try {
      await audio.play();
      blocked = false;
    } catch (error) {
      blocked = error.name === "NotAllowedError";
      if (blocked) offerSound();
    }
  }

  // --- mute, devices, echo -----------------------------------------------------------------

  function applyMuted() {
    if (microphone) for (const track of microphone.getAudioTracks()) track.enabled = !muted;
    showMuted();
  }

  function toggleMute() {
    muted = !muted;
    sessionStorage.setItem(MUTED, muted ? "1" : "0");
    applyMuted();
  }

  async function changeDevices() {
    devices.useSpeaker(part("audio"));
    if (!microphone) return;
    const former = microphone;
    microphone = await devices.microphone();
    if (readLevel) readLevel.stop();
    readLevel = devices.meter(microphone);
    applyMuted();
    const [track] = microphone.getAudioTracks();
    const senders = leg && leg.connection ? leg.connection.getSenders() : [];
    for (const sender of senders) await sender.replaceTrack(track);
    for (const old of former.getTracks()) old.stop();
  }

  // Calls the exchange's echo; tells what came of it: heard, quiet (nothing said), deaf (nothing came back),
  // busy (the leg is up) or away. `heard` is called with the levels of what is said and what comes back.
  function echo(seconds, heard) {
    if (leg !== null) return Promise.resolve("busy");
    if (ua === null || !ua.isRegistered()) return Promise.resolve("away");
    const session = ua.call(`sip:echo@${ua.configuration.uri.host}`, {
      mediaStream: microphone,
      pcConfig: { iceServers: [] },
    });
    testing = session;
    carry(session, () => {});
    return new Promise((settle) => {
      let said = 0;
      let back = 0;
      let timer = 0;
      const over = (result) => {
        clearInterval(timer);
        testing = null;
        if (leg === null) {
          hideQuality();
          part("audio").srcObject = null;
        }
        settle(result);
      };
      session.on("failed", () => over("away"));
      session.on("ended", () => over(back > 0.2 ? "heard" : said > 0.2 ? "deaf" : "quiet"));
      session.on("confirmed", () => {
        const stream = part("audio").srcObject;
        const returned = stream ? devices.meter(stream) : () => 0;
        timer = setInterval(() => {
          const levels = [readLevel(), returned()];
          said = Math.max(said, levels[0]);
          back = Math.max(back, levels[1]);
          heard(...levels);
        }, 100);
        setTimeout(() => session.isEnded() || session.terminate(), seconds * 1000);
      });
    });
  }

  // --- beginning and end -------------------------------------------------------------------

  part("mute").addEventListener("click", toggleMute);
  part("offer").addEventListener("click", () => offered && offered());
  document.addEventListener("keydown", (event) => {
    const plain = event.altKey && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!plain || event.code !== "KeyM" || part("mute").disabled) return;
    event.preventDefault();
    toggleMute();
  });
  document.addEventListener("devices:chosen", changeDevices);
  document.addEventListener("phone:beep", () => devices.beep());
  window.addEventListener("storage", (event) => event.key === "outdial_devices" && changeDevices());
  window.addEventListener("pagehide", () => stop());
  window.addEventListener("pageshow", (event) => event.persisted && location.reload());
  setInterval(look, LOOK_MS);
  setInterval(() => {
    part("level").value = readLevel && !muted ? readLevel() : 0;
  }, 100);

  showMuted();
  window.outdialPhone = { echo, toggleMute, beep: () => devices.beep() };
  const able = window.isSecureContext && navigator.locks && navigator.mediaDevices && window.RTCPeerConnection;
  if (able) hold(false);
  else show("insecure", "stopped");
})();
