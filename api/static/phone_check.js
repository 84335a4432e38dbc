// The page on which an agent chooses and tests microphone and loudspeaker before the shift.
"use strict";

(() => {
  const box = document.getElementById("check");
  if (!box) return;

  const devices = window.outdialDevices;
  const words = JSON.parse(box.dataset.words);
  const part = (name) => document.getElementById(`check-${name}`);
  const ECHO_S = 6;

  function fill(select, found, usual, chosen) {
    const options = [new Option(usual, "")];
    for (const one of found) {
      if (one.deviceId !== "default" && one.deviceId !== "communications") {
        options.push(new Option(one.label || one.deviceId, one.deviceId));
      }
    }
    select.replaceChildren(...options);
    select.value = chosen;
    if (select.selectedIndex < 0) select.value = ""; // it is not plugged in
  }

  async function showDevices() {
    const { microphones, speakers } = await devices.list();
    const wish = devices.chosen();
    fill(part("microphone"), microphones, words.usual, wish.microphone);
    fill(part("speaker"), speakers, words.usual, wish.speaker);
    part("speaker").disabled = speakers.length === 0;
    part("cleaned").checked = wish.cleaned;
  }

  part("microphone").addEventListener("change", (event) => devices.choose({ microphone: event.target.value }));
  part("speaker").addEventListener("change", (event) => devices.choose({ speaker: event.target.value }));
  part("cleaned").addEventListener("change", (event) => devices.choose({ cleaned: event.target.checked }));
  part("tone").addEventListener("click", () => devices.beep(440, 1));

  part("echo").addEventListener("click", async () => {
    part("echo").disabled = true;
    part("said").textContent = words.speak;
    const result = await window.outdialPhone.echo(ECHO_S, (said, back) => {
      part("mine").value = said;
      part("back").value = back;
    });
    part("mine").value = part("back").value = 0;
    part("said").textContent = words[result];
    part("said").dataset.result = result;
    part("echo").disabled = false;
  });

  // Devices have names only once the microphone is allowed, which the telephone asks for.
  document.addEventListener("phone:state", showDevices);
  if (navigator.mediaDevices) {
    navigator.mediaDevices.addEventListener("devicechange", showDevices);
    showDevices();
  }
})();
