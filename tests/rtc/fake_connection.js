/**
 * A strict stand-in for RTCPeerConnection. It allows exactly the transitions of JSEP (RFC 9429, section 3.2), runs one
 * operation at a time (WebRTC 1.0, 4.4.1.2), fires negotiationneeded when and only when 4.7.3 says so, refuses an answer to
 * another offer and a candidate of another ICE generation, and lets the world decide when each of these happens.
 *
 * A description carries which changes of the session it settles: an offer settles all of its side's, and an answer
 * confirms the offer, but can not add a change of its own: that takes another offer, as a new track does.
 */

let numbers = 0;

const refusal = (name, message) => Object.assign(new Error(message), { name });

export class FakeConnection extends EventTarget {
  signalingState = "stable";
  localDescription = null;
  remoteDescription = null;
  /** Changes of the other side that this side knows of. */
  known = new Set();
  /** ICE generations of the other side of which a candidate has been taken. */
  candidates = new Set();
  #world;
  #name;
  #operations = [];
  #checkWhenIdle = false;
  #taskQueued = false;
  #needed = false;
  #wanted = new Set();
  #settled = new Set();
  #stableLocal = null;
  #stableRemote = null;
  #ice = 0;
  #gathered = 0;

  #trickles;

  constructor(world, name, { trickles = false } = {}) {
    super();
    this.#trickles = trickles;
    this.#world = world;
    this.#name = name;
  }

  /** Changes the session, as adding a track or restarting ICE does. */
  change(what, { restartIce = false } = {}) {
    this.#wanted.add(what);
    if (restartIce) this.#ice = 0;
    this.#checkNegotiation();
  }

  /** Whether everything that this side wants has been agreed on. */
  get satisfied() {
    return this.signalingState === "stable" && !this.#unsettled;
  }

  get wanted() {
    return this.#wanted;
  }

  get remoteIce() {
    return this.remoteDescription ? parse(this.remoteDescription.sdp).ice : null;
  }

  setLocalDescription() {
    return this.#chain("sets its own description", () => {
      if (this.signalingState === "have-remote-offer") this.#setLocalAnswer();
      else this.#setLocalOffer();
      this.#gather();
    });
  }

  setRemoteDescription({ type, sdp }) {
    return this.#chain(`takes the ${type}`, () => {
      if (type === "offer") this.#takeOffer(sdp);
      else this.#takeAnswer(sdp);
    });
  }

  addIceCandidate({ usernameFragment }) {
    return this.#chain("takes a candidate", () => {
      if (!this.remoteDescription) throw refusal("InvalidStateError", "There is no remote description.");
      if (String(this.remoteIce) !== usernameFragment) throw refusal("OperationError", "Unknown ICE generation.");
      this.candidates.add(this.remoteIce);
    });
  }

  #setLocalOffer() {
    this.#ice ||= ++numbers;
    const offer = { number: ++numbers, ice: this.#ice, changes: [...this.#wanted] };
    this.localDescription = { type: "offer", sdp: format(offer) };
    this.signalingState = "have-local-offer";
  }

  #setLocalAnswer() {
    this.#ice ||= ++numbers;
    const offer = parse(this.remoteDescription.sdp);
    this.localDescription = { type: "answer", sdp: format({ number: ++numbers, ice: this.#ice, answers: offer.number }) };
    this.known = new Set(offer.changes);
    this.#becomeStable();
  }

  #takeOffer(sdp) {
    if (this.signalingState === "have-local-offer") this.#rollback();
    this.remoteDescription = { type: "offer", sdp };
    this.signalingState = "have-remote-offer";
  }

  #takeAnswer(sdp) {
    if (this.signalingState !== "have-local-offer") {
      throw refusal("InvalidStateError", `An answer in ${this.signalingState}.`);
    }
    const offer = parse(this.localDescription.sdp);
    if (parse(sdp).answers !== offer.number) throw refusal("InvalidAccessError", "This answers another offer.");
    this.remoteDescription = { type: "answer", sdp };
    this.#settled = new Set(offer.changes);
    this.#becomeStable();
  }

  #rollback() {
    this.localDescription = this.#stableLocal;
    this.remoteDescription = this.#stableRemote;
    if (!this.#stableLocal) this.#ice = 0;
    this.signalingState = "stable";
  }

  #becomeStable() {
    this.signalingState = "stable";
    this.#stableLocal = this.localDescription;
    this.#stableRemote = this.remoteDescription;
    this.#needed = false;
    this.#checkNegotiation();
  }

  get #unsettled() {
    return [...this.#wanted].some((what) => !this.#settled.has(what));
  }

  #checkNegotiation() {
    if (this.#operations.length) {
      this.#checkWhenIdle = true;
      return;
    }
    if (this.#taskQueued || !this.#unsettled) return;
    this.#taskQueued = true;
    this.#world.step(this.#name, "looks whether to negotiate", () => {
      this.#taskQueued = false;
      this.#fireNegotiationNeeded();
    });
  }

  #fireNegotiationNeeded() {
    if (this.#operations.length) {
      this.#checkWhenIdle = true;
      return;
    }
    if (this.signalingState !== "stable" || !this.#unsettled || this.#needed) return;
    this.#needed = true;
    this.dispatchEvent(new Event("negotiationneeded"));
  }

  #gather() {
    if (!this.#trickles || this.#gathered === this.#ice) return;
    const ice = (this.#gathered = this.#ice);
    this.#world.step(this.#name, "finds a candidate", () => {
      const candidate = { toJSON: () => ({ candidate: "candidate:1", usernameFragment: String(ice) }) };
      this.dispatchEvent(Object.assign(new Event("icecandidate"), { candidate }));
    });
  }

  #chain(label, perform) {
    return new Promise((resolve, reject) => {
      this.#operations.push({ label, perform, resolve, reject });
      if (this.#operations.length === 1) this.#scheduleOperation();
    });
  }

  #scheduleOperation() {
    const { label, perform, resolve, reject } = this.#operations[0];
    this.#world.step(this.#name, label, () => {
      try {
        resolve(perform());
      } catch (error) {
        reject(error);
      }
      this.#operations.shift();
      if (this.#operations.length) this.#scheduleOperation();
      else if (this.#checkWhenIdle) {
        this.#checkWhenIdle = false;
        this.#checkNegotiation();
      }
    });
  }
}

const format = (content) => `v=0\r\ns=${JSON.stringify(content)}\r\nm=audio 9 X 0\r\n`;
const parse = (sdp) => JSON.parse(/^s=(.*)$/m.exec(sdp)[1]);
