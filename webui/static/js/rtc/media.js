// The person's own microphone, camera and screen during one call. Each may be missing; the call goes on without.

import { kindOf, problem } from "./problems.js";

/** @typedef {import("./transport.js").Role} Role */
/** @typedef {import("./transport.js").Tracks} Tracks */
/** @typedef {import("./problems.js").Problem} Problem */
/** @typedef {"microphone" | "camera"} Input */
/** @typedef {{ id: string, label: string }} Device */
/** @typedef {{ microphone: Device[], camera: Device[], speaker: Device[] }} Devices */
/** @typedef {{ microphone: boolean, camera: boolean, screen: boolean }} Sending */

/**
 * @typedef {object} LocalMediaOptions
 * @property {AbortSignal} signal Stops every track and every listener.
 * @property {MediaDevices} [devices]
 * @property {{ microphone?: string, camera?: string }} [preferred] Device ids that the person chose before.
 */

/** What the encoder should care for, W3C MediaStreamTrack Content Hints. */
const HINTS = Object.freeze({ microphone: "speech", camera: "motion", screen: "detail" });

/** @type {Readonly<Record<Input, MediaTrackConstraints>>} */
const IDEAL = Object.freeze({
  microphone: { echoCancellation: true, noiseSuppression: true, autoGainControl: true },
  camera: { width: { ideal: 1920 }, height: { ideal: 1080 }, frameRate: { ideal: 30, max: 60 } },
});

const SCREEN = Object.freeze({ video: { frameRate: { ideal: 30, max: 60 } }, audio: false });

/**
 * Events: `track` with `{ role, track }` whenever another track, or none, is to be sent; `change` when `sending` or
 * `chosen` may be another; `problem` with a `Problem`; `devices` when something was plugged in or out.
 */
export class LocalMedia extends EventTarget {
  /** @type {Tracks} */ tracks = { microphone: null, camera: null, screen: null };
  #devices;
  #signal;
  /** @type {{ microphone?: string | undefined, camera?: string | undefined }} */ #preferred;
  /** @type {Promise<unknown>} */ #queue = Promise.resolve();

  /** @param {LocalMediaOptions} options */
  constructor({ signal, devices = navigator.mediaDevices, preferred = {} }) {
    super();
    this.#signal = signal;
    this.#devices = devices;
    this.#preferred = { ...preferred };
    devices.addEventListener("devicechange", () => this.dispatchEvent(new Event("devices")), { signal });
    signal.addEventListener("abort", () => {
      for (const role of /** @type {Role[]} */ (Object.keys(this.tracks))) this.#drop(role);
    });
  }

  /** What leaves this machine right now. @returns {Sending} */
  get sending() {
    const { microphone, camera, screen } = this.tracks;
    return { microphone: Boolean(microphone?.enabled), camera: Boolean(camera), screen: Boolean(screen) };
  }

  /** The ids of the devices in use. @returns {{ microphone: string, camera: string }} */
  get chosen() {
    const id = (/** @type {Input} */ role) =>
      this.tracks[role]?.getSettings().deviceId ?? this.#preferred[role] ?? "";
    return { microphone: id("microphone"), camera: id("camera") };
  }

  /**
   * Asks for what a call begins with. Resolves when everything that can be had is there, perhaps nothing; `problem`
   * events say what is missing and why.
   * @param {{ audio: boolean, video: boolean, muted?: boolean }} wanted `muted`: the microphone begins switched off.
   */
  open({ audio, video, muted = false }) {
    return this.#enqueue(async () => {
      if (audio && video && (await this.#openBoth(muted))) return;
      // One by one: the voice comes through though the camera does not, and each is told what is wrong with it.
      if (audio) await this.#openInput("microphone", muted);
      if (video) await this.#openInput("camera");
    });
  }

  /**
   * Switches on or off. The microphone keeps its track and sends silence; a camera or a screen that is off is let go.
   * @param {Role} role
   * @param {boolean} on
   */
  turn(role, on) {
    return this.#enqueue(async () => {
      const track = this.tracks[role];
      if (role === "microphone" && track) {
        track.enabled = on;
        this.#changed();
      } else if (!on) {
        this.#put(role, null);
      } else if (!track) {
        await (role === "screen" ? this.#openScreen() : this.#openInput(role));
      }
    });
  }

  /**
   * Uses another device from now on, also for the next calls.
   * @param {Input} role
   * @param {string} id
   */
  choose(role, id) {
    return this.#enqueue(async () => {
      this.#preferred[role] = id;
      if (this.tracks[role]) await this.#openInput(role);
      else this.#changed();
    });
  }

  /** What could be chosen. Browsers tell names only to a page that may use a device. @returns {Promise<Devices>} */
  async list() {
    /** @type {Devices} */
    const found = { microphone: [], camera: [], speaker: [] };
    const lists = { audioinput: found.microphone, videoinput: found.camera, audiooutput: found.speaker };
    for (const { kind, deviceId, label } of await this.#devices.enumerateDevices().catch(() => [])) {
      if (deviceId) lists[kind]?.push({ id: deviceId, label: label || `Device ${lists[kind].length + 1}` });
    }
    return found;
  }

  /** @param {boolean} muted */
  async #openBoth(muted) {
    try {
      const constraints = { audio: this.#constraints("microphone"), video: this.#constraints("camera") };
      const stream = await this.#devices.getUserMedia(constraints);
      const [microphone = null] = stream.getAudioTracks();
      if (microphone) microphone.enabled = !muted;
      this.#put("microphone", microphone);
      this.#put("camera", stream.getVideoTracks()[0] ?? null);
      return true;
    } catch {
      return this.#signal.aborted;
    }
  }

  /** @param {Input} role @param {boolean} [muted] */
  async #openInput(role, muted) {
    const wrong = await this.#tryInput(role, muted);
    if (wrong) this.#tell(problem(role, wrong));
  }

  /**
   * @param {Input} role
   * @param {boolean} [muted]
   * @returns {Promise<import("./problems.js").ProblemKind | null>} what is wrong
   */
  async #tryInput(role, muted = this.tracks[role]?.enabled === false) {
    const kind = role === "microphone" ? "audio" : "video";
    try {
      // Some cameras can be open once only, and then also the other one of the same device.
      if (role === "camera") this.#drop("camera");
      const stream = await this.#devices.getUserMedia({ [kind]: this.#constraints(role) });
      const track = stream.getTracks()[0] ?? null;
      if (track) track.enabled = !muted;
      this.#put(role, track);
      return null;
    } catch (error) {
      this.#put(role, null);
      return kindOf(error);
    }
  }

  async #openScreen() {
    try {
      const stream = await this.#devices.getDisplayMedia(SCREEN);
      this.#put("screen", stream.getVideoTracks()[0] ?? null);
    } catch (error) {
      // Whoever closes the browser's own question has changed their mind: nothing to say about that.
      const kind = kindOf(error);
      if (kind !== "refused" && !(error instanceof DOMException && error.name === "AbortError")) {
        this.#tell(problem("screen", kind));
      }
    }
  }

  /**
   * @param {Input} role
   * @returns {MediaTrackConstraints}
   */
  #constraints(role) {
    const id = this.#preferred[role];
    return id ? { ...IDEAL[role], deviceId: { ideal: id } } : IDEAL[role];
  }

  /**
   * Sends this track in that role, and lets go of the one before.
   * @param {Role} role
   * @param {MediaStreamTrack | null} track
   */
  #put(role, track) {
    if (this.#signal.aborted) {
      track?.stop();
      return;
    }
    const before = this.tracks[role];
    this.tracks[role] = track;
    if (track) {
      track.contentHint = HINTS[role];
      track.addEventListener("ended", () => this.#ended(role, track), { signal: this.#signal });
    }
    this.dispatchEvent(new CustomEvent("track", { detail: { role, track } }));
    before?.stop();
    this.#changed();
  }

  /** @param {Role} role */
  #drop(role) {
    this.tracks[role]?.stop();
    this.tracks[role] = null;
  }

  /**
   * The browser ended it: a device was pulled out, or the person stopped sharing in the browser's own bar.
   * @param {Role} role
   * @param {MediaStreamTrack} track
   */
  #ended(role, track) {
    void this.#enqueue(async () => {
      if (this.tracks[role] !== track) return;
      this.#put(role, null);
      if (role === "screen") return;
      delete this.#preferred[role];
      const others = await this.list();
      if (others[role].length) await this.#tryInput(role);
      this.#tell(problem(role, this.tracks[role] ? "switched" : "unplugged"));
    });
  }

  /** @param {Problem} detail */
  #tell(detail) {
    if (!this.#signal.aborted) this.dispatchEvent(new CustomEvent("problem", { detail }));
  }

  #changed() {
    this.dispatchEvent(new Event("change"));
  }

  /**
   * One change after the other: a second press while the camera still starts waits for it.
   * @param {() => Promise<void>} work
   * @returns {Promise<void>}
   */
  #enqueue(work) {
    const done = this.#queue.then(() => (this.#signal.aborted ? undefined : work()));
    this.#queue = done.catch(() => {});
    return done;
  }
}
