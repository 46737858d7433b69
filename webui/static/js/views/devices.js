/**
 * Camera, microphone and speaker: which ones, and a try-out with a picture and a level.
 *
 * @import {Context} from "../main.js"
 */

import { part, setText } from "./dom.js";

/** @type {{name: "camera" | "microphone" | "speaker", kind: MediaDeviceKind, word: string}[]} */
const DEVICES = [
  { name: "camera", kind: "videoinput", word: "Camera" },
  { name: "microphone", kind: "audioinput", word: "Microphone" },
  { name: "speaker", kind: "audiooutput", word: "Speaker" },
];

/** @type {Record<string, string>} */
const PROBLEMS = {
  NotAllowedError: "The browser does not let this page use camera and microphone. Allow both in its settings, left of the address.",
  NotFoundError: "No camera or microphone was found. Plug one in, then try again.",
  NotReadableError: "Camera or microphone are in use by another program. Close it, then try again.",
};

/** @param {HTMLElement} root @param {Context} context */
export function mountDevices(root, { store, intents }) {
  const video = /** @type {HTMLVideoElement} */ (part(root, "preview"));
  const test = part(root, "test");
  const media = /** @type {MediaDevices | undefined} */ (navigator.mediaDevices);
  /** @type {AbortController | null} */
  let trial = null;

  async function list() {
    const found = (await media?.enumerateDevices()) ?? [];
    for (const { name, kind, word } of DEVICES) {
      const select = /** @type {HTMLSelectElement} */ (part(root, name));
      const devices = found.filter((device) => device.kind === kind && device.deviceId);
      const options = devices.map(({ label, deviceId }, index) => new Option(label || `${word} ${index + 1}`, deviceId));
      select.replaceChildren(new Option("As the browser chooses", ""), ...options);
      select.value = store.state.preferences[name];
      if (select.selectedIndex < 0) select.value = "";
    }
    part(root, "speaker-box").hidden = !("setSinkId" in HTMLMediaElement.prototype);
  }

  async function start() {
    stop();
    const { signal } = (trial = new AbortController());
    try {
      const { camera, microphone } = store.state.preferences;
      const stream = await open(media, camera, microphone);
      const stopTracks = () => stream.getTracks().forEach((track) => track.stop());
      if (signal.aborted) return stopTracks();
      signal.addEventListener("abort", stopTracks);
      video.srcObject = stream;
      part(root, "preview-words").hidden = stream.getVideoTracks().length > 0;
      if (stream.getAudioTracks().length > 0) meter(stream, part(root, "level"), signal);
      tell("");
      setText(test, "Stop");
      await list();
    } catch (error) {
      stop();
      const { name } = /** @type {Error} */ (error);
      tell(PROBLEMS[name] ?? "Camera and microphone could not be opened. Choose others, then try again.");
    }
  }

  function stop() {
    trial?.abort();
    trial = null;
    video.srcObject = null;
    part(root, "preview-words").hidden = false;
    setText(test, "Try them out");
  }

  /** @param {string} problem */
  function tell(problem) {
    part(root, "device-problem").hidden = problem === "";
    setText(part(root, "device-problem"), problem);
  }

  test.addEventListener("click", () => (trial ? stop() : void start()));
  for (const { name } of DEVICES) {
    part(root, name).addEventListener("change", (event) => {
      intents.profile.prefer({ [name]: /** @type {HTMLSelectElement} */ (event.target).value });
      if (trial && name !== "speaker") void start();
    });
  }
  media?.addEventListener("devicechange", () => void list());
  return { list, stop };
}

/**
 * Open both, or the one that there is.
 *
 * @param {MediaDevices | undefined} media
 * @param {string} camera
 * @param {string} microphone
 */
async function open(media, camera, microphone) {
  if (!media) throw new DOMException("no media devices", "NotFoundError");
  const video = camera ? { deviceId: camera } : true;
  const audio = microphone ? { deviceId: microphone } : true;
  try {
    return await media.getUserMedia({ video, audio });
  } catch (error) {
    if (/** @type {Error} */ (error).name === "NotAllowedError") throw error;
    return media.getUserMedia({ audio }).catch(() => media.getUserMedia({ video }));
  }
}

/**
 * Show how loud it is, until the signal says stop.
 *
 * @param {MediaStream} stream
 * @param {HTMLElement} bar
 * @param {AbortSignal} signal
 */
function meter(stream, bar, signal) {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 512 });
  const samples = new Float32Array(analyser.fftSize);
  context.createMediaStreamSource(stream).connect(analyser);
  let level = 0;

  function draw() {
    if (signal.aborted) {
      bar.style.setProperty("--level", "0");
      return void context.close();
    }
    analyser.getFloatTimeDomainData(samples);
    const power = Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
    level = Math.max(Math.min(1, power * 5), level * 0.88);
    bar.style.setProperty("--level", level.toFixed(3));
    requestAnimationFrame(draw);
  }
  draw();
}
