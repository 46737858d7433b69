/**
 * The camera that looks at somebody's screen: its picture goes twice a second to the daemon on this machine, which finds the
 * code in it, and nowhere else.
 *
 * @import {Context} from "../main.js"
 */

import { kindOf } from "../rtc/problems.js";
import { part, setAttribute } from "./dom.js";

const EVERY = 500;
/** Whoever has seen no code for so long may need advice. */
const PATIENCE = 10_000;
/** Pixels; enough for a code that fills a third of the picture. */
const WIDEST = 640;

/** @type {Partial<Record<import("../rtc/problems.js").ProblemKind, string>>} */
const PROBLEMS = {
  missing: "No camera was found. Plug one in and go back, or compare pictures instead.",
  refused: "The browser does not let LanChat use the camera. Allow it with the icon beside the address, then go back and try again.",
  in_use: "The camera is in use by another program. Close it, then go back and try again.",
};
const FAILED = "The camera did not start. Go back and try again, or compare pictures instead.";

/** @param {HTMLElement} root @param {Context} context @returns {(wanted: boolean) => void} switches it on and off */
export function mountCamera(root, { store, intents: { verify } }) {
  const video = /** @type {HTMLVideoElement} */ (part(root, "camera"));
  /** @type {AbortController | null} */
  let looking = null;

  async function start() {
    const { signal } = (looking = new AbortController());
    try {
      const stream = await open(store.state.preferences.camera);
      const stop = () => stream.getTracks().forEach((track) => track.stop());
      if (signal.aborted) return stop();
      signal.addEventListener("abort", stop);
      // Whoever aims with a camera that looks at them expects a mirror.
      setAttribute(video, "data-mirror", stream.getVideoTracks()[0]?.getSettings().facingMode !== "environment");
      video.srcObject = stream;
      look(signal);
    } catch (error) {
      if (!signal.aborted) verify.cannotSee(PROBLEMS[kindOf(error)] ?? FAILED);
    }
  }

  /** @param {AbortSignal} signal */
  function look(signal) {
    const canvas = document.createElement("canvas");
    const timer = setInterval(async () => {
      const picture = grey(video, canvas);
      const code = picture && (await verify.read(picture, canvas.width));
      if (code && !signal.aborted) void verify.scanned(code);
    }, EVERY);
    const patience = setTimeout(() => verify.seesNothing(), PATIENCE);
    signal.addEventListener("abort", () => {
      clearInterval(timer);
      clearTimeout(patience);
    });
  }

  return (wanted) => {
    if (wanted === (looking !== null)) return;
    if (wanted) return void start();
    looking?.abort();
    looking = null;
    video.srcObject = null;
  };
}

/** @param {string} camera a device id, empty for the browser's choice */
async function open(camera) {
  if (!navigator.mediaDevices?.getUserMedia) throw new DOMException("no media devices", "NotFoundError");
  const chosen = camera ? { deviceId: camera } : { facingMode: "environment" };
  return navigator.mediaDevices.getUserMedia({ video: { ...chosen, width: { ideal: 1280 } } });
}

/**
 * The picture as grey levels, made small: ITU-R BT.601 weights.
 *
 * @param {HTMLVideoElement} video
 * @param {HTMLCanvasElement} canvas to work on
 * @returns {Uint8Array<ArrayBuffer> | null} null while there is no picture
 */
function grey(video, canvas) {
  const { videoWidth, videoHeight } = video;
  if (!videoWidth || !videoHeight) return null;
  const scale = Math.min(1, WIDEST / Math.max(videoWidth, videoHeight));
  canvas.width = Math.round(videoWidth * scale);
  canvas.height = Math.round(videoHeight * scale);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(video, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  const levels = new Uint8Array(data.length / 4);
  for (let place = 0; place < levels.length; place += 1) {
    const [red = 0, green = 0, blue = 0] = data.subarray(place * 4, place * 4 + 3);
    levels[place] = (red * 77 + green * 150 + blue * 29) >> 8;
  }
  return levels;
}
