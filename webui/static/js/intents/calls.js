// What people do about calls, and what follows from what the daemon tells.

import { ringsHere } from "../call_screen.js";
import { LiveCall } from "./live_call.js";
import { notify } from "./notify.js";
import { recall } from "./sent.js";

/**
 * @import {AppStore, State} from "../state.js"
 * @import {Call, CallOutcome} from "../messages.js"
 * @import {Frame, Refusal, Socket} from "../socket.js"
 * @import {Input} from "../rtc/media.js"
 * @import {Role} from "../rtc/transport.js"
 * @import {Live} from "./live_call.js"
 */

/**
 * @typedef {{ call: Call, outcome: CallOutcome, duration: number, mine: boolean, unconnected?: boolean }} Over `mine`: this
 *   tab had the call; `unconnected`: it was accepted, but the two pages never reached each other.
 */
/** @typedef {{ live: Live | null, over: Over | null, starting: string | null }} CallUi What `state.ui.call` holds. */

/** Whether this browser can make calls at all. Debian's build of WebKit can not. */
export const supported = () =>
  typeof globalThis.RTCPeerConnection === "function" && Boolean(globalThis.navigator?.mediaDevices?.getUserMedia);

export const UNSUPPORTED = "This browser cannot make calls. Open this page in Firefox, Chromium or Chrome to call.";

/**
 * @param {State} state
 * @returns {CallUi}
 */
export const callUi = (state) => ({ live: null, over: null, starting: null, ...state.ui.call });

/** @param {{ socket: Socket, store: AppStore }} context */
export const createCalls = (context) => new Calls(context);

export class Calls {
  /** Whether calls work in this browser; `reason` says why not. */
  supported = supported();
  reason = this.supported ? null : UNSUPPORTED;
  #socket;
  #store;
  /** @type {LiveCall | null} */ #live = null;
  /** @type {Call | null} the call as it was before the newest event */ #last = null;
  /** @type {number | null} the tab number under which we have asked to rejoin */ #rejoining = null;

  /** @param {{ socket: Socket, store: AppStore }} context */
  constructor({ socket, store }) {
    this.#socket = socket;
    this.#store = store;
  }

  /**
   * Calls a contact. Whoever calls somebody whose call rings here takes that call.
   * @param {string} person
   * @param {{ video: boolean }} how
   */
  async start(person, { video }) {
    if (!this.supported) return this.#say(UNSUPPORTED);
    const { call } = this.#store.state;
    if (call && call.person === person && ringsHere(call)) return this.accept(call, { video });
    if (this.#live || call) return this.#say("You are in a call already.");
    this.#patch({ over: null, starting: person });
    await this.#hold({ video }, { event: "start_call", person, audio: true, video });
    this.#patch({ starting: null });
  }

  /**
   * Takes an incoming call in this tab.
   * @param {Call} call
   * @param {{ video: boolean }} how
   */
  async accept(call, { video }) {
    if (!this.supported) return this.#say(UNSUPPORTED);
    await this.#hold({ video }, { event: "accept_call", call: call.id, audio: true, video });
  }

  /** Turns an incoming call away; one that was just accepted here is hung up. @param {Call} call */
  reject(call) {
    if (this.#live) return this.end();
    return this.#ask({ event: "reject_call", call: call.id });
  }

  /** Hangs up, or takes back our own call while it rings. */
  end() {
    const call = this.#store.state.call;
    if (call) return this.#ask({ event: "end_call", call: call.id });
    this.#leave();
    return Promise.resolve(false);
  }

  /** Goes on with a call that no tab holds: after a reload, say, with camera and microphone as they were. */
  async rejoin() {
    const { call } = this.#store.state;
    if (!call || !this.supported) return;
    const agreed = call.direction === "outgoing" ? call.offered : call.accepted;
    const { microphone, camera } = recall(call.id) ?? { microphone: true, camera: Boolean(agreed?.video) };
    await this.#hold({ video: camera, muted: !microphone }, { event: "rejoin_call", call: call.id });
  }

  toggleMicrophone() {
    return this.#live?.toggle("microphone");
  }

  toggleCamera() {
    return this.#live?.toggle("camera");
  }

  toggleScreen() {
    return this.#live?.toggle("screen");
  }

  /**
   * Uses another device, now and from now on.
   * @param {Input | "speaker"} kind
   * @param {string} id
   */
  selectDevice(kind, id) {
    this.#store.dispatch({ event: "ui/preferences", preferences: { [kind]: id } });
    return kind === "speaker" ? undefined : this.#live?.choose(kind, id);
  }

  /** The person has read what was wrong. @param {Role} role */
  dismissProblem(role) {
    this.#live?.forgive(role);
  }

  /** The person has read how the last call ended. */
  dismissOutcome() {
    this.#patch({ over: null });
  }

  /** How loud both people are, 0 to 1. */
  levels() {
    return this.#live?.levels() ?? { own: 0, remote: 0 };
  }

  /** The figures of this moment. */
  async stats() {
    return (await this.#live?.figures()) ?? { at: 0, pair: null, keys: "unknown", inbound: [], outbound: [] };
  }

  /**
   * Takes an event of the daemon; the store has it already.
   * @param {Frame} event
   */
  handle(event) {
    switch (event.event) {
      case "snapshot":
        this.#snapshot();
        break;
      case "incoming_call":
        this.#patch({ over: null });
        break;
      case "call_started":
      case "call_accepted":
      case "call_changed":
        this.#follow(event["call"]);
        break;
      case "call_rejected":
      case "call_ended":
        this.#over(/** @type {any} */ (event));
        break;
      case "network_changed":
        this.#live?.networkChanged();
        break;
      case "webrtc_offer":
      case "webrtc_answer":
      case "webrtc_ice_candidate":
        if (this.#live && this.#live.id === event["call"]) this.#live.receive(event);
    }
    this.#last = this.#store.state.call;
  }

  /** The socket is new, and so is our number. A call that still flows here goes on under that number. */
  #snapshot() {
    const { call } = this.#store.state;
    if (call) return this.#follow(call);
    if (this.#live?.id && this.#last) this.#over({ call: this.#last.id, outcome: "peer_gone", duration: 0 });
    this.#leave();
  }

  /** @param {Call} call */
  #follow(call) {
    const live = this.#live;
    if (!live) return;
    if (call.owner === this.#store.state.tab) {
      live.id = call.id;
      if (call.state === "active") live.join(call);
    } else if (live.id === call.id && call.state === "active") {
      if (call.owner === null) void this.#takeAgain(call);
      else this.#leave();
    } else if (live.id !== null && live.id !== call.id) {
      this.#leave();
    }
  }

  /** @param {Call} call */
  async #takeAgain(call) {
    const { tab } = this.#store.state;
    if (this.#rejoining === tab) return;
    this.#rejoining = tab;
    if (!(await this.#ask({ event: "rejoin_call", call: call.id }))) this.#leave();
  }

  /** @param {{ call: string, outcome: CallOutcome, duration?: number }} event */
  #over({ call, outcome, duration = 0 }) {
    const mine = this.#live?.id === call;
    const unconnected = mine && duration > 0 && !this.#live?.everConnected;
    if (this.#last?.id === call) this.#patch({ over: { call: this.#last, outcome, duration, mine, unconnected } });
    if (mine) this.#leave();
  }

  /**
   * Takes the devices, and asks the daemon for the call that they are for.
   * @param {{ video: boolean, muted?: boolean }} how
   * @param {Frame} request
   */
  async #hold(how, request) {
    if (this.#live) return;
    const live = new LiveCall({ store: this.#store, socket: this.#socket, giveUp: (why) => this.#giveUp(why), ...how });
    live.id = request["call"] ?? null;
    this.#live = live;
    this.#rejoining = null;
    if (!(await this.#ask(request)) && this.#live === live) this.#leave();
  }

  /** @param {string} [why] */
  #giveUp(why) {
    if (why) this.#say(why);
    void this.end();
  }

  #leave() {
    this.#live?.close();
    this.#live = null;
  }

  /**
   * @param {Frame} request
   * @returns {Promise<boolean>} whether the daemon did it; if not, the person has been told why
   */
  async #ask(request) {
    try {
      await this.#socket.request(request);
      return true;
    } catch (refusal) {
      this.#say(/** @type {Refusal} */ (refusal).message);
      return false;
    }
  }

  /** @param {string} text */
  #say(text) {
    notify(this.#store, text);
  }

  /** @param {Partial<CallUi>} change */
  #patch(change) {
    this.#store.dispatch({ event: "ui/call", call: change });
  }
}
