// One call in this tab: the person's media on one side, and one Transport after the other, one per generation.

import { Transport } from "./transport.js";

/** @typedef {import("./media.js").LocalMedia} LocalMedia */
/** @typedef {import("./transport.js").Role} Role */
/** @typedef {import("./negotiator.js").Signal} Signal */
/**
 * @typedef {"opening" | import("./transport.js").TransportState | "refused" | "closed"} SessionState `refused`: the browser
 *   has not taken what the two sides were to agree on. Only another generation, or luck, leads out of it.
 */
/** @typedef {Signal & { generation: number }} NumberedSignal */
/** @typedef {Record<Role, MediaStream | null>} Streams */

/**
 * @typedef {object} CallSessionOptions
 * @property {boolean} polite Our part in perfect negotiation; the other side has the opposite one.
 * @property {LocalMedia} media Opened before `begin`, because a browser that has asked for the microphone offers more
 *   candidates. The session sends its tracks, but does not own it.
 * @property {(signal: NumberedSignal) => void} send
 * @property {AbortSignal} signal Ends the session.
 * @property {RTCIceServer[]} [iceServers]
 * @property {typeof RTCPeerConnection} [RTCPeerConnection]
 */

/** Signals of a generation that has not begun here yet: one description, and its candidates. */
const SIGNALS_KEPT = 256;

/** @returns {Streams} */
const noStreams = () => ({ microphone: null, camera: null, screen: null });

/**
 * Events: `state` when `state` is another, `remote` when `remote` is, `trouble` with the error that the browser
 * gave (`CustomEvent.detail`).
 */
export class CallSession extends EventTarget {
  /** What the other side may send, one stream per role; whether it does is told by the daemon. */
  remote = noStreams();
  /** @type {SessionState} */ state = "opening";
  generation = 0;
  #options;
  /** @type {Transport | null} */ #transport = null;
  /** @type {NumberedSignal[]} */ #early = [];
  #linked = true;

  /** @param {CallSessionOptions} options */
  constructor(options) {
    super();
    this.#options = options;
    const { media, signal } = options;
    media.addEventListener("track", (event) => this.#sendTrack(/** @type {CustomEvent} */ (event).detail), { signal });
    signal.addEventListener("abort", () => this.#close());
  }

  /**
   * Begins the media session of this generation and ends the one before. An older one is ignored.
   * @param {number} generation
   */
  begin(generation) {
    if (this.#options.signal.aborted || generation <= this.generation) return;
    this.#transport?.close();
    this.generation = generation;
    this.#transport = this.#makeTransport(generation);
    this.#setState("connecting");
    const early = this.#early;
    this.#early = [];
    for (const signal of early) this.receive(signal);
  }

  /**
   * Takes a signal of the other side: drops one of a past generation, keeps one of a generation that is to begin.
   * @param {NumberedSignal} signal
   */
  receive(signal) {
    if (signal.generation > this.generation) {
      if (this.#early.length < SIGNALS_KEPT) this.#early.push(signal);
    } else if (signal.generation === this.generation) {
      void this.#transport?.receive(signal);
    }
  }

  /**
   * Tells whether signals can travel. When they can again, what may have been lost is said again.
   * @param {boolean} linked
   */
  setLinked(linked) {
    const back = linked && !this.#linked;
    this.#linked = linked;
    if (back) this.#transport?.resume();
  }

  /** The addresses of this machine have changed. */
  restartIce() {
    this.#transport?.restartIce();
  }

  /** How loud the other person speaks, 0 to 1. */
  get remoteLevel() {
    return this.#transport?.remoteLevel ?? 0;
  }

  /** @returns {Promise<{ report: RTCStatsReport, roles: Map<string, Role>, sdp: string } | null>} null while nothing has begun */
  async stats() {
    const transport = this.#transport;
    if (!transport) return null;
    const report = await transport.stats();
    return report && { report, roles: transport.roles, sdp: transport.connection.currentRemoteDescription?.sdp ?? "" };
  }

  /** @param {number} generation */
  #makeTransport(generation) {
    const { polite, media, send, iceServers = [], RTCPeerConnection = globalThis.RTCPeerConnection } = this.#options;
    /** @type {Transport} */
    const transport = new Transport({
      polite,
      iceServers,
      RTCPeerConnection,
      tracks: media.tracks,
      send: (signal) => send({ generation, ...signal }),
      changed: (state) => transport === this.#transport && this.#changed(state),
      arrived: (role, track) => this.#arrived(role, track),
      failed: (error) => {
        if (transport === this.#transport && this.state !== "connected") this.#setState("refused");
        this.#trouble(error);
      },
    });
    return transport;
  }

  /**
   * @param {Role} role
   * @param {MediaStreamTrack} track
   */
  #arrived(role, track) {
    this.remote = { ...this.remote, [role]: new MediaStream([track]) };
    this.dispatchEvent(new Event("remote"));
  }

  /** @param {{ role: Role, track: MediaStreamTrack | null }} change */
  #sendTrack({ role, track }) {
    const sent = this.#transport?.setTrack(role, track);
    sent?.catch((error) => this.#trouble(error));
  }

  /** @param {unknown} detail */
  #trouble(detail) {
    this.dispatchEvent(new CustomEvent("trouble", { detail }));
  }

  /** @param {import("./transport.js").TransportState} state */
  #changed(state) {
    if (this.state !== "refused" || state === "connected") this.#setState(state);
  }

  /** @param {SessionState} state */
  #setState(state) {
    if (this.state === state || this.state === "closed") return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }

  #close() {
    this.#transport?.close();
    this.#transport = null;
    this.#early = [];
    this.#setState("closed");
  }
}
