/**
 * Another microphone, camera or speaker during the call.
 *
 * @import {Context} from "../main.js"
 * @import {Screen} from "../call_screen.js"
 */

import { part } from "./dom.js";

const KINDS = /** @type {const} */ (["microphone", "camera", "speaker"]);

/** @param {HTMLElement} stage @param {Context} context @returns {(screen: Screen) => void} */
export function mountDevicePopover(stage, { store, intents: { calls } }) {
  const popover = part(stage, "device-list");
  const select = (/** @type {string} */ kind) => /** @type {HTMLSelectElement} */ (part(popover, `choose-${kind}`));
  for (const kind of KINDS) select(kind).addEventListener("change", () => calls.selectDevice(kind, select(kind).value));

  return ({ live }) => {
    if (!live) return;
    const chosen = { ...live.chosen, speaker: store.state.preferences.speaker };
    for (const kind of KINDS) fill(select(kind), live.devices[kind], chosen[kind], kind);
  };
}

/**
 * @param {HTMLSelectElement} select
 * @param {import("../rtc/media.js").Device[]} devices
 * @param {string} chosen
 * @param {typeof KINDS[number]} kind
 */
function fill(select, devices, chosen, kind) {
  const wanted = devices.map(({ id, label }) => `${id} ${label}`).join("\n");
  if (select.dataset["devices"] !== wanted) {
    select.dataset["devices"] = wanted;
    select.replaceChildren(...devices.map(({ id, label }) => new Option(label, id)));
    if (!devices.length) select.append(new Option(kind === "speaker" ? "As the system says" : "None found", ""));
  }
  select.disabled = devices.length === 0 || (kind === "speaker" && !("setSinkId" in HTMLMediaElement.prototype));
  select.value = chosen;
  if (select.selectedIndex < 0) select.selectedIndex = 0;
}
