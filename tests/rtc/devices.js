/** Devices that are missing, refused, in use or pulled out, and what the person is told. */

import { LocalMedia } from "/static/js/rtc/media.js";

const failure = (name) => Promise.reject(new DOMException("", name));

/** The browser's devices, but for what `asked` says about a request. */
class Devices extends EventTarget {
  constructor(asked, displayed = () => null) {
    super();
    this.asked = asked;
    this.displayed = displayed;
    this.requests = [];
  }

  async getUserMedia(constraints) {
    this.requests.push(Object.keys(constraints).filter((kind) => constraints[kind]).sort().join("+"));
    const name = this.asked(constraints);
    return name ? failure(name) : navigator.mediaDevices.getUserMedia(constraints);
  }

  async getDisplayMedia(constraints) {
    const name = this.displayed(constraints);
    return name ? failure(name) : navigator.mediaDevices.getDisplayMedia(constraints);
  }

  enumerateDevices() {
    return navigator.mediaDevices.enumerateDevices();
  }
}

/** Opens audio and video, and tells what came of it. */
export async function open(askedSource) {
  const devices = new Devices(new Function("constraints", `return ${askedSource}`));
  const ending = new AbortController();
  const media = new LocalMedia({ signal: ending.signal, devices });
  const problems = [];
  media.addEventListener("problem", ({ detail }) => problems.push(`${detail.role} ${detail.kind}`));
  await media.open({ audio: true, video: true });
  const { sending } = media;
  ending.abort();
  return { sending, problems, requests: devices.requests };
}

/** A microphone is pulled out: another one takes over, or it is said that there is none. */
export async function unplug(another) {
  let gone = false;
  const devices = new Devices(() => (gone && !another ? "NotFoundError" : null));
  const ending = new AbortController();
  const media = new LocalMedia({ signal: ending.signal, devices });
  await media.open({ audio: true, video: false });
  const first = media.tracks.microphone;
  gone = true;
  const told = new Promise((resolve) => media.addEventListener("problem", ({ detail }) => resolve(detail.kind)));
  first.dispatchEvent(new Event("ended"));
  const kind = await told;
  const result = { kind, other: media.tracks.microphone !== first, sending: media.sending.microphone };
  ending.abort();
  return result;
}

/** The browser answers its question only after the call is over. */
export async function tooLate() {
  let answer;
  const devices = new Devices(() => null);
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  devices.getUserMedia = () => new Promise((resolve) => (answer = () => resolve(stream)));
  const ending = new AbortController();
  const media = new LocalMedia({ signal: ending.signal, devices });
  const opening = media.open({ audio: true, video: false });
  await Promise.resolve();
  await new Promise((resolve) => setTimeout(resolve));
  ending.abort();
  answer();
  await opening;
  return stream.getTracks()[0].readyState;
}

/** Two presses before the camera is there: off wins, and nothing is left open. */
export async function hurried() {
  const ending = new AbortController();
  const media = new LocalMedia({ signal: ending.signal });
  await Promise.all([media.turn("camera", true), media.turn("camera", false)]);
  const off = media.tracks.camera === null;
  await Promise.all([media.turn("camera", true), media.turn("camera", false), media.turn("camera", true)]);
  const on = media.tracks.camera?.readyState === "live";
  ending.abort();
  return { off, on };
}

/** Sharing the screen is refused by the person, or by the system. */
export async function share(name) {
  const ending = new AbortController();
  const media = new LocalMedia({ signal: ending.signal, devices: new Devices(() => null, () => name) });
  const problems = [];
  media.addEventListener("problem", ({ detail }) => problems.push(detail.kind));
  await media.turn("screen", true);
  ending.abort();
  return problems;
}
