// Keeps a connection alive: restarts ICE when it has been away for too long, ever more patiently.

const PATIENCE = 3_000;
/** The polite side waits longer, so that as a rule only one of the two restarts. Both may. */
const POLITE_PATIENCE = 6_000;
const LONGEST = 24_000;

/**
 * @typedef {object} IceKeeperOptions
 * @property {RTCPeerConnection} connection
 * @property {boolean} polite
 * @property {AbortSignal} signal
 */

export class IceKeeper {
  /** @type {RTCPeerConnection} */ #connection;
  #patience;
  #wait;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;

  /** @param {IceKeeperOptions} options */
  constructor({ connection, polite, signal }) {
    this.#connection = connection;
    this.#patience = polite ? POLITE_PATIENCE : PATIENCE;
    this.#wait = this.#patience;
    connection.addEventListener("iceconnectionstatechange", () => this.#look(), { signal });
    // Chromium can say "failed" here while it leaves the ICE state at "disconnected".
    connection.addEventListener("connectionstatechange", () => this.#look(), { signal });
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /** Restarts ICE now. Before the first offer there is nothing to restart. */
  restart() {
    if (this.#connection.remoteDescription) this.#connection.restartIce();
  }

  restartUnlessConnected() {
    if (this.#connected) return;
    this.#wait = this.#patience;
    // With an offer of ours under way the answer brings fresh candidates anyhow.
    if (this.#connection.signalingState === "stable") this.restart();
  }

  get #connected() {
    return ["connected", "completed"].includes(this.#connection.iceConnectionState);
  }

  get #broken() {
    const { iceConnectionState, connectionState } = this.#connection;
    return [iceConnectionState, connectionState].some((state) => state === "disconnected" || state === "failed");
  }

  #look() {
    if (!this.#broken) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      if (this.#connected) this.#wait = this.#patience;
      return;
    }
    this.#timer ??= setTimeout(() => this.#expired(), this.#wait);
  }

  #expired() {
    this.#timer = undefined;
    if (!this.#broken) return;
    this.restart();
    this.#wait = Math.min(this.#wait * 2, LONGEST);
    this.#look();
  }
}
