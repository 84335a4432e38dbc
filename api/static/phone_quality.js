// How good the connection is, in words: from the browser's own counts of packets.
"use strict";

(() => {
  const EVERY_MS = 2000;

  // Upper limits of good and of fair. Sources: ITU-T G.114 (a conversation suffers from 150 ms one way,
  // of which this is the first part), ITU-T G.1010 (3 % loss is the most speech bears).
  const LIMITS = [
    ["good", { rtt_ms: 150, loss: 0.01, jitter_ms: 30 }],
    ["fair", { rtt_ms: 400, loss: 0.03, jitter_ms: 60 }],
  ];

  function verdict(figures) {
    for (const [word, limit] of LIMITS) {
      if (Object.keys(limit).every((name) => figures[name] <= limit[name])) return word;
    }
    return "bad";
  }

  function read(report) {
    const found = { rtt_ms: 0, jitter_ms: 0, received: 0, lost: 0 };
    report.forEach((one) => {
      if (one.type === "inbound-rtp" && one.kind === "audio") {
        found.received = one.packetsReceived || 0;
        found.lost = Math.max(0, one.packetsLost || 0);
        found.jitter_ms = (one.jitter || 0) * 1000;
      } else if (one.type === "candidate-pair" && one.nominated && one.currentRoundTripTime) {
        found.rtt_ms = one.currentRoundTripTime * 1000;
      }
    });
    return found;
  }

  // Calls `tell` with {word, rtt_ms, loss, jitter_ms} while the connection lives; returns what ends it.
  function watch(connection, tell) {
    let before = null;
    const timer = setInterval(async () => {
      if (connection.connectionState === "closed") {
        clearInterval(timer);
        return;
      }
      const now = read(await connection.getStats());
      if (before !== null) {
        const lost = now.lost - before.lost;
        const sent = now.received - before.received + lost;
        const loss = sent > 0 ? Math.max(0, lost) / sent : 0;
        const figures = { rtt_ms: now.rtt_ms, jitter_ms: now.jitter_ms, loss };
        tell({ word: verdict(figures), ...figures });
      }
      before = now;
    }, EVERY_MS);
    return () => clearInterval(timer);
  }

  window.outdialQuality = { watch, verdict };
})();
