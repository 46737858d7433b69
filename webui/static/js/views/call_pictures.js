/**
 * The pictures and the voice: what comes from the other side, what one sends, and the rings that follow the voices.
 *
 * @import {Context} from "../main.js"
 * @import {Screen} from "../call_screen.js"
 */

import { paintAvatar } from "./avatar.js";
import { find, part, setAttribute } from "./dom.js";

/** @param {HTMLElement} stage @param {Context} context @returns {(screen: Screen) => void} */
export function mountPictures(stage, { store, intents: { calls } }) {
  const media = (/** @type {string} */ role) => /** @type {HTMLVideoElement} */ (find(stage, `[data-role="${role}"]`));
  const [camera, screen, audio, own] = ["remote-camera", "remote-screen", "remote-audio", "local-camera"].map(media);
  const ownBox = part(stage, "own");
  followVoices(stage, () => calls.levels());

  return ({ call, live }) => {
    if (!live || !camera || !screen || !audio || !own) return;
    const theirs = call?.state === "active" ? call.peer_media : null;
    const seen = { camera: Boolean(theirs?.camera && live.remote.camera), screen: Boolean(theirs?.screen && live.remote.screen) };
    show(camera, live.remote.camera, seen.camera);
    show(screen, live.remote.screen, seen.screen);
    show(audio, live.remote.microphone, false);
    show(own, live.own.camera, live.sending.camera && live.own.camera !== null);
    speaker(audio, store.state.preferences.speaker);
    setAttribute(stage, "data-picture", seen.screen ? (seen.camera ? "both" : "screen") : seen.camera ? "camera" : "none");
    ownBox.hidden = false;
    setAttribute(ownBox, "data-picture", live.sending.camera);
    setAttribute(ownBox, "data-muted", !live.sending.microphone);
    paintAvatar(part(ownBox, "avatar"), store.state.me);
  };
}

/** @param {HTMLVideoElement} element @param {MediaStream | null} stream @param {boolean} visible */
function show(element, stream, visible) {
  if (element instanceof HTMLVideoElement) element.hidden = !visible;
  if (element.srcObject === stream) return;
  element.srcObject = stream;
  if (!stream) return;
  element.play().catch(() => {
    // The browser waits for a touch before it lets a page be heard; the first one will do.
    const again = () => void element.play().catch(() => {});
    addEventListener("pointerdown", again, { once: true });
    addEventListener("keydown", again, { once: true });
  });
}

/** @param {HTMLMediaElement} element @param {string} id */
function speaker(element, id) {
  if (!("setSinkId" in element) || element.sinkId === id) return;
  // A speaker that is not there any more: the sound stays where it is.
  element.setSinkId(id).catch(() => {});
}

/** @param {HTMLElement} stage @param {() => { own: number, remote: number }} levels */
function followVoices(stage, levels) {
  const own = part(stage, "own");
  const rings = { remote: part(stage, "voice"), own: part(stage, "own-voice") };
  const shown = { remote: 0, own: 0 };
  // To ask how loud they are stops the page for a moment, and where there is a picture there is no ring.
  const seen = () => !stage.hidden && (stage.dataset["picture"] === "none" || !("picture" in own.dataset));
  function draw() {
    if (seen()) {
      const heard = levels();
      for (const who of /** @type {const} */ (["remote", "own"])) {
        // Up at once and down slowly, as ears expect it.
        shown[who] = Math.max(Math.min(1, heard[who] * 4), shown[who] * 0.9);
        rings[who].style.setProperty("--level", shown[who].toFixed(3));
      }
    }
    requestAnimationFrame(draw);
  }
  requestAnimationFrame(draw);
}
