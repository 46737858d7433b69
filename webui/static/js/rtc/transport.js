// One RTCPeerConnection of a call: what it carries in which order, how it sends on a LAN, and how it is kept alive.

import { IceKeeper } from "./ice_keeper.js";
import { Negotiator } from "./negotiator.js";

/** @typedef {"microphone" | "camera" | "screen"} Role What a transceiver carries. */
/** @typedef {Record<Role, MediaStreamTrack | null>} Tracks */
/** @typedef {"connecting" | "connected" | "reconnecting"} TransportState */
/** @typedef {import("./negotiator.js").Signal} Signal */

/**
 * The transceivers of every connection, in this order. The impolite side makes them, the other adopts them; who
 * sends what changes by `replaceTrack` alone, so that a camera goes on and off without negotiation.
 * @type {readonly Role[]}
 */
export const ROLES = Object.freeze(["microphone", "camera", "screen"]);

/**
 * What a LAN can carry. Browsers stop at 2.5 Mbit/s for one picture otherwise, and at 32 kbit/s for the voice.
 * @type {Readonly<Record<Role, RTCRtpEncodingParameters>>}
 */
const ENCODINGS = Object.freeze({
  microphone: { maxBitrate: 96_000, priority: "high", networkPriority: "high" },
  camera: { maxBitrate: 8_000_000, priority: "medium", networkPriority: "medium" },
  screen: { maxBitrate: 8_000_000, priority: "low", networkPriority: "low" },
});

/**
 * The first pictures are sent that many times smaller. Browsers believe at first that the way is narrow, and drop large
 * pictures until they know better: the other person would see nothing for a fifth of a second.
 */
const FIRST_PICTURES = Object.freeze({ scaleResolutionDownBy: 3 });
const WHOLE_PICTURES = Object.freeze({ scaleResolutionDownBy: 1 });
const SMALL_FOR = 600;

/**
 * @typedef {object} TransportOptions
 * @property {boolean} polite
 * @property {RTCIceServer[]} iceServers
 * @property {Tracks} tracks What is sent from the start.
 * @property {(signal: Signal) => void} send
 * @property {(state: TransportState) => void} changed
 * @property {(role: Role, track: MediaStreamTrack) => void} arrived A track of the other side is here.
 * @property {(error: unknown) => void} failed
 * @property {typeof RTCPeerConnection} RTCPeerConnection
 */

/** One media session. `close()` ends it; a new generation of the call is a new Transport. */
export class Transport {
  /** @type {RTCPeerConnection} */ connection;
  #closing = new AbortController();
  /** @type {Tracks} */ #tracks;
  #options;
  #negotiator;
  #keeper;
  #voice = new MediaStream();
  #tuned = false;
  #everConnected = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #growing;

  /** @param {TransportOptions} options */
  constructor(options) {
    const { polite, iceServers, RTCPeerConnection: Connection } = options;
    this.#options = options;
    this.#tracks = { ...options.tracks };
    this.connection = new Connection({ iceServers, bundlePolicy: "max-bundle" });
    const signal = this.#closing.signal;
    this.#negotiator = new Negotiator({
      connection: this.connection,
      polite,
      send: options.send,
      signal,
      prepareAnswer: () => this.#adopt(),
      failed: options.failed,
    });
    this.#keeper = new IceKeeper({ connection: this.connection, polite, signal });
    this.#listen(signal);
    if (!polite) this.#make();
  }

  /** @returns {TransportState} */
  get state() {
    const state = this.connection.connectionState;
    const ice = this.connection.iceConnectionState;
    const broken = [state, ice].some((each) => each === "disconnected" || each === "failed");
    if (state === "connected" && !broken) return "connected";
    return this.#everConnected || broken ? "reconnecting" : "connecting";
  }

  /** @param {Signal} signal */
  receive(signal) {
    return this.#negotiator.receive(signal);
  }

  /** Signals can travel again after they could not. */
  resume() {
    this.#negotiator.resume();
    this.#keeper.restartUnlessConnected();
  }

  /** The network is another one: looks for new ways at once. */
  restartIce() {
    this.#keeper.restart();
  }

  /**
   * Sends this track in that role from now on, or nothing.
   * @param {Role} role
   * @param {MediaStreamTrack | null} track
   */
  async setTrack(role, track) {
    this.#tracks[role] = track;
    await this.#transceiver(role)?.sender.replaceTrack(track);
  }

  /** @returns {Map<string, Role>} the role of each media section, by its `mid` */
  get roles() {
    const roles = new Map();
    this.connection.getTransceivers().forEach(({ mid }, index) => mid !== null && roles.set(mid, ROLES[index]));
    return roles;
  }

  /** How loud the other person is, 0 to 1. */
  get remoteLevel() {
    const sources = this.#transceiver("microphone")?.receiver.getSynchronizationSources?.() ?? [];
    return sources[0]?.audioLevel ?? 0;
  }

  /** @returns {Promise<RTCStatsReport | null>} null when it is closed meanwhile: Firefox then never answers */
  stats() {
    return new Promise((resolve, reject) => {
      const stop = () => resolve(null);
      this.#closing.signal.addEventListener("abort", stop, { once: true });
      const answered = this.connection.getStats().finally(() => this.#closing.signal.removeEventListener("abort", stop));
      answered.then(resolve, reject);
    });
  }

  close() {
    this.#closing.abort();
    clearTimeout(this.#growing);
    this.connection.close();
  }

  /** @param {AbortSignal} signal */
  #listen(signal) {
    const { connection } = this;
    const changed = () => {
      this.#everConnected ||= connection.connectionState === "connected";
      if (this.#everConnected) this.#growing ??= setTimeout(() => this.#tune("camera", WHOLE_PICTURES), SMALL_FOR);
      this.#options.changed(this.state);
    };
    connection.addEventListener("connectionstatechange", changed, { signal });
    connection.addEventListener("iceconnectionstatechange", changed, { signal });
    connection.addEventListener("track", (event) => this.#arrived(event), { signal });
    connection.addEventListener("signalingstatechange", () => this.#tuneAll(), { signal });
  }

  /** @param {RTCTrackEvent} event */
  #arrived({ transceiver, track }) {
    const role = ROLES[this.connection.getTransceivers().indexOf(transceiver)];
    if (role) this.#options.arrived(role, track);
  }

  #make() {
    for (const role of ROLES) {
      const streams = role === "screen" ? [] : [this.#voice];
      const track = this.#tracks[role] ?? (role === "microphone" ? "audio" : "video");
      const sendEncodings = role === "camera" ? [FIRST_PICTURES] : [];
      this.connection.addTransceiver(track, { direction: "sendrecv", streams, sendEncodings });
    }
  }

  /** Makes the transceivers of the other side's first offer ours too. */
  async #adopt() {
    const fresh = this.connection.getTransceivers().filter(({ direction }) => direction !== "sendrecv");
    const replaced = fresh.map(async (transceiver) => {
      const role = ROLES[this.connection.getTransceivers().indexOf(transceiver)];
      if (!role || transceiver.direction === "stopped") return;
      transceiver.direction = "sendrecv";
      // One stream for voice and camera keeps the lips in step with the words.
      if (role !== "screen") transceiver.sender.setStreams?.(this.#voice);
      if (role === "camera") await this.#tune(role, FIRST_PICTURES);
      await transceiver.sender.replaceTrack(this.#tracks[role]);
    });
    await Promise.all(replaced);
  }

  #tuneAll() {
    if (this.#tuned || this.connection.signalingState !== "stable") return;
    this.#tuned = true;
    for (const role of ROLES) void this.#tune(role, ENCODINGS[role]);
  }

  /** @param {Role} role @param {RTCRtpEncodingParameters} encoding */
  async #tune(role, encoding) {
    const sender = this.#transceiver(role)?.sender;
    if (sender) await tune(sender, encoding);
  }

  /** @param {Role} role */
  #transceiver(role) {
    return this.connection.getTransceivers()[ROLES.indexOf(role)];
  }
}

/**
 * @param {RTCRtpSender} sender
 * @param {RTCRtpEncodingParameters} encoding
 */
async function tune(sender, encoding) {
  const parameters = sender.getParameters();
  if (!parameters.encodings?.length) return;
  for (const each of parameters.encodings) Object.assign(each, encoding);
  // A browser that does not know one of these keeps its own values: the call is the same, with a softer picture.
  await sender.setParameters(parameters).catch(() => {});
}
