/**
 * The bar of a call and its keys. The keys work while the stage has the focus, so they never take a letter from a text.
 *
 * @import {Context} from "../main.js"
 * @import {Screen} from "../call_screen.js"
 */

import { find, part, setAttribute, setIcon } from "./dom.js";

/** @type {Record<string, string>} */
const KEYS = { m: "microphone", v: "camera", s: "screen", f: "fullscreen" };

/**
 * @param {HTMLElement} stage
 * @param {Context} context
 * @param {() => void} toggleSize
 * @returns {(screen: Screen) => void}
 */
export function mountBar(stage, { intents: { calls } }, toggleSize) {
  const bar = part(stage, "bar");
  const button = (/** @type {string} */ name) => /** @type {HTMLButtonElement} */ (part(bar, name));
  /** @type {[string, () => unknown][]} */
  const actions = [
    ["microphone", () => calls.toggleMicrophone()],
    ["camera", () => calls.toggleCamera()],
    ["screen", () => calls.toggleScreen()],
    ["fullscreen", () => toggleFullscreen(stage)],
    ["end", () => calls.end()],
  ];
  for (const [name, act] of actions) button(name).addEventListener("click", act);
  button("screen").hidden = !navigator.mediaDevices?.getDisplayMedia;
  button("fullscreen").hidden = !document.fullscreenEnabled;
  stage.addEventListener("keydown", (event) => onKey(event, bar, toggleSize));
  document.addEventListener("fullscreenchange", () => press(button("fullscreen"), document.fullscreenElement === stage, "fullscreen-exit", "fullscreen"));

  return ({ live }) => {
    if (!live) return;
    press(button("microphone"), live.sending.microphone, "mic", "mic-off");
    press(button("camera"), live.sending.camera, "video", "video-off");
    press(button("screen"), live.sending.screen, "screen-off", "screen");
  };
}

/** @param {KeyboardEvent} event @param {HTMLElement} bar @param {() => void} toggleSize */
function onKey(event, bar, toggleSize) {
  if (event.ctrlKey || event.altKey || event.metaKey || event.repeat || isText(event.target)) return;
  const key = event.key.toLowerCase();
  if (key === "c") toggleSize();
  const name = KEYS[key];
  if (name) part(bar, name).click();
  if (name || key === "c") event.preventDefault();
}

/** @param {EventTarget | null} target */
const isText = (target) => target instanceof Element && target.matches("input, select, textarea, [contenteditable]");

/** @param {HTMLElement} button @param {boolean} on @param {string} iconOn @param {string} iconOff */
function press(button, on, iconOn, iconOff) {
  setAttribute(button, "aria-pressed", String(on));
  setIcon(find(button, "svg"), on ? iconOn : iconOff);
}

/** @param {HTMLElement} stage */
function toggleFullscreen(stage) {
  if (document.fullscreenElement) return void document.exitFullscreen();
  stage.requestFullscreen().catch(() => {});
}
