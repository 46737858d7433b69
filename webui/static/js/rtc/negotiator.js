// Perfect negotiation: two sides that may both change the session at any moment still agree on one.
//
// Everything about who may offer when lives here. This file knows neither how signals travel nor what the
// session carries; it is handed an RTCPeerConnection and a `send`, and is told what arrives.
//
// Source: W3C WebRTC 1.0, section 10.7 "Perfect Negotiation Example". Added to it: an offer can be said again after
// signals were lost, so offers are numbered, an answer names its offer, and neither is taken twice.

/**
 * @typedef {object} Signal What one side says to the other: a description or a candidate.
 * @property {RTCSessionDescriptionInit} [description]
 * @property {RTCIceCandidateInit} [candidate]
 */

/**
 * @typedef {object} NegotiatorOptions
 * @property {RTCPeerConnection} connection
 * @property {boolean} polite Whether this side gives way when both offer at once. Exactly one side does.
 * @property {(signal: Signal) => void} send
 * @property {AbortSignal} signal Ends every listener.
 * @property {() => void | Promise<void>} [prepareAnswer] Runs between taking an offer and answering it.
 * @property {(error: unknown) => void} [failed] Hears of what the connection refused; the session is then in doubt.
 */

const OFFER = "x-lanchat-offer";

/**
 * Writes the number of an offer into a session description; RFC 8866, 5.13 makes others ignore the attribute.
 * @param {string} sdp
 * @param {number} number
 */
const stamp = (sdp, number) => sdp.replace(/^m=/m, `a=${OFFER}:${number}\r\nm=`);

/**
 * @param {string} sdp
 * @returns {number | null} the number, or null where the other side does not count its offers
 */
function stampOf(sdp) {
  const match = new RegExp(`^a=${OFFER}:(\\d{1,9})\\s*$`, "m").exec(sdp);
  return match ? Number(match[1]) : null;
}

/** Negotiates one RTCPeerConnection with the other side's Negotiator. */
export class Negotiator {
  /** @type {RTCPeerConnection} */ #connection;
  #polite;
  #send;
  #signal;
  #prepareAnswer;
  #failed;
  #makingOffer = false;
  #settingRemoteAnswer = false;
  #takingOffer = false;
  /** The number of our newest offer. */
  #offers = 0;
  /** @type {number | null} the number of the newest offer that we have taken */
  #taken = null;
  /** @type {Signal | null} our answer to it, once it is made */
  #answer = null;

  /** @param {NegotiatorOptions} options */
  constructor({ connection, polite, send, signal, prepareAnswer = () => {}, failed = () => {} }) {
    this.#connection = connection;
    this.#polite = polite;
    this.#send = send;
    this.#signal = signal;
    this.#prepareAnswer = prepareAnswer;
    this.#failed = failed;
    connection.addEventListener("negotiationneeded", () => this.#attempt(this.#offer()), { signal });
    connection.addEventListener(
      "icecandidate",
      ({ candidate }) => {
        if (candidate) this.#send({ candidate: candidate.toJSON() });
      },
      { signal },
    );
  }

  /**
   * Takes what the other side has sent. Never rejects: `failed` hears of trouble.
   * @param {Signal} signal
   * @returns {Promise<void>}
   */
  receive({ description, candidate }) {
    if (description) return this.#attempt(this.#receiveDescription(description));
    if (candidate) return this.#receiveCandidate(candidate);
    return Promise.resolve();
  }

  /** Signals can travel again: repeats the offer that was perhaps lost. The answer to it may then come twice. */
  resume() {
    if (this.#connection.signalingState === "have-local-offer") this.#sendDescription();
  }

  async #offer() {
    this.#makingOffer = true;
    try {
      await this.#connection.setLocalDescription();
      this.#offers += 1;
      this.#sendDescription();
    } finally {
      this.#makingOffer = false;
    }
  }

  /** @param {RTCSessionDescriptionInit} description */
  async #receiveDescription(description) {
    if (description.type === "answer") {
      if (this.#isAwaited(description)) await this.#takeAnswer(description);
      return;
    }
    const number = stampOf(description.sdp ?? "");
    if (number !== null && number === this.#taken) {
      this.#repeatAnswer();
      return;
    }
    const stable = this.#connection.signalingState === "stable" || this.#settingRemoteAnswer;
    const collision = this.#makingOffer || !stable;
    if (collision && !this.#polite) return;
    await this.#takeOffer(description, number);
    await this.#prepareAnswer();
    await this.#connection.setLocalDescription();
    this.#answer = this.#sendDescription();
  }

  /**
   * @param {RTCSessionDescriptionInit} offer
   * @param {number | null} number
   */
  async #takeOffer(offer, number) {
    this.#taken = number;
    this.#answer = null;
    this.#takingOffer = true;
    try {
      await this.#connection.setRemoteDescription(offer);
    } finally {
      this.#takingOffer = false;
    }
  }

  /**
   * An offer comes again when its answer was perhaps lost. To take it twice would undo what came after it. An offer
   * that we have made since was ignored where the answer was missing, so it follows the answer once more.
   */
  #repeatAnswer() {
    if (!this.#answer) return;
    this.#send(this.#answer);
    this.resume();
  }

  /**
   * Whether this answers the offer that waits for an answer. One that comes twice does not, nor one that comes while
   * our offer gives way to theirs.
   * @param {RTCSessionDescriptionInit} answer
   */
  #isAwaited(answer) {
    if (this.#settingRemoteAnswer || this.#takingOffer) return false;
    if (this.#connection.signalingState !== "have-local-offer") return false;
    const number = stampOf(answer.sdp ?? "");
    return number === null || number === this.#offers;
  }

  /** @param {RTCSessionDescriptionInit} answer */
  async #takeAnswer(answer) {
    // Until this settles, the browser still says have-local-offer: an offer that follows closely is no collision.
    this.#settingRemoteAnswer = true;
    try {
      await this.#connection.setRemoteDescription(answer);
    } finally {
      this.#settingRemoteAnswer = false;
    }
  }

  /** @param {RTCIceCandidateInit} candidate */
  async #receiveCandidate(candidate) {
    if (this.#connection.signalingState === "closed") return;
    // A candidate of an offer that was ignored or lost, or of an ICE generation that is gone, is of no use and no harm.
    await this.#connection.addIceCandidate(candidate).catch(() => {});
  }

  /** @returns {Signal | null} what was sent */
  #sendDescription() {
    const description = this.#connection.localDescription;
    if (!description || this.#signal.aborted) return null;
    const { type, sdp } = description;
    const number = type === "offer" ? this.#offers : this.#taken;
    const signal = { description: { type, sdp: number === null ? sdp : stamp(sdp, number) } };
    this.#send(signal);
    return signal;
  }

  /**
   * @param {Promise<void>} work
   * @returns {Promise<void>}
   */
  async #attempt(work) {
    try {
      await work;
    } catch (error) {
      if (!this.#signal.aborted && this.#connection.signalingState !== "closed") this.#failed(error);
    }
  }
}
