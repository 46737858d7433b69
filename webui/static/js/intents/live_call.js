// The call that this tab holds: its devices, its media session, and what the views are to know of both.

import { CallSession } from "../rtc/call_session.js";
import { LevelMeter } from "../rtc/level.js";
import { LocalMedia } from "../rtc/media.js";
import { compare, readFigures } from "../rtc/stats.js";
import { remember } from "./sent.js";

/**
 * @import {AppStore} from "../state.js"
 * @import {Call} from "../messages.js"
 * @import {Frame, Socket} from "../socket.js"
 * @import {NumberedSignal, SessionState, Streams} from "../rtc/call_session.js"
 * @import {Devices, Input, Sending} from "../rtc/media.js"
 * @import {Problem} from "../rtc/problems.js"
 * @import {Figures, Quality} from "../rtc/stats.js"
 * @import {Role} from "../rtc/transport.js"
 */

/**
 * @typedef {object} Live What `state.ui.call.live` shows of the call in this tab.
 * @property {SessionState} session
 * @property {boolean} stuck Accepted for a good while, and the two pages have not reached each other yet.
 * @property {boolean} asking The browser asks the person for the microphone or the camera, for a while now.
 * @property {Sending} sending
 * @property {Problem[]} problems At most one per role.
 * @property {{ camera: MediaStream | null, screen: MediaStream | null }} own
 * @property {Streams} remote
 * @property {Devices} devices
 * @property {{ microphone: string, camera: string }} chosen
 * @property {Quality | null} quality
 */

/** The person may take long to answer the browser's question; the two can hear each other's side meanwhile. */
const ASKING_SHOWN = 800;
const ASKING_PATIENCE = 8_000;
const MEASURE_EVERY = 2_000;
/** On a LAN a connection takes a second or two; after this one needs advice. */
const CONNECTING_PATIENCE = 20_000;
/** A refused description may have been one of two that crossed; then the next one leads out of it. */
const REFUSED_PATIENCE = 3_000;

const BETRAYED = "The call was ended: at the other end was another machine than the one that it was agreed with.";

/** @returns {Live} */
const nothingYet = () => ({
  session: "opening",
  stuck: false,
  asking: false,
  sending: { microphone: false, camera: false, screen: false },
  problems: [],
  own: { camera: null, screen: null },
  remote: { microphone: null, camera: null, screen: null },
  devices: { microphone: [], camera: [], speaker: [] },
  chosen: { microphone: "", camera: "" },
  quality: null,
});

export class LiveCall {
  /** @type {string | null} null until the daemon has named the call */ id = null;
  /** Whether the two pages have reached each other at any time. */
  everConnected = false;
  #store;
  #socket;
  #ending = new AbortController();
  #media;
  /** When nobody has to wait any longer for the person's devices. @type {Promise<unknown>} */ #opened;
  #settled = false;
  /** When the media session may begin. @type {Promise<unknown>} */ #ready;
  /** @type {CallSession | null} */ #session = null;
  /** @type {Live} */ #live = nothingYet();
  /** @type {Figures | null} */ #figures = null;
  /** @type {LevelMeter | null} */ #meter = null;
  /** Ends the call, once. @type {(why?: string) => void} */ #giveUp;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #refused;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #connecting;
  #told = "";

  /**
   * Takes the devices at once, so that everything is ready when the other person says yes.
   * @param {{ store: AppStore, socket: Socket, giveUp: (why?: string) => void, video: boolean, muted?: boolean }} options `giveUp` ends
   *   the call for both: this browser does not take what it would have to agree to, or somebody else is at the other end.
   */
  constructor({ store, socket, giveUp, video, muted = false }) {
    let given = false;
    this.#giveUp = (why) => {
      if (given) return;
      given = true;
      giveUp(why);
    };
    this.#store = store;
    this.#socket = socket;
    const { microphone, camera } = store.state.preferences;
    this.#media = new LocalMedia({ signal: this.#ending.signal, preferred: { microphone, camera } });
    this.#listen();
    this.#opened = this.#open({ audio: true, video, muted }).then(() => (this.#settled = true));
    this.#ready = Promise.race([this.#opened, mayBeginBefore(video)]);
    // To draw the call takes longer than to ask for the devices, and than the word to the daemon that follows.
    queueMicrotask(() => this.#publish({}));
  }

  /**
   * The call is on and ours: begins its media session, or the next one when the generation is another.
   * @param {Call} call
   */
  join(call) {
    this.id = call.id;
    this.#session ??= this.#makeSession(call);
    this.#session.setLinked(call.linked);
    const begin = () => !this.#ending.signal.aborted && this.#session?.begin(call.generation);
    void Promise.all([this.#opened, this.#ready.then(begin)]).then(() => this.#tellMedia());
  }

  /** @param {Frame} event a `webrtc_…` event of this call */
  receive(event) {
    const { generation, sdp, candidate } = /** @type {any} */ (event);
    if (event.event === "webrtc_ice_candidate") this.#session?.receive({ generation, candidate });
    else this.#session?.receive({ generation, description: { type: event.event === "webrtc_offer" ? "offer" : "answer", sdp } });
  }

  networkChanged() {
    this.#session?.restartIce();
  }

  /** @param {Role} role */
  toggle(role) {
    this.forgive(role);
    return this.#media.turn(role, !this.#media.sending[role]);
  }

  /** @param {Input} role @param {string} id */
  choose(role, id) {
    this.forgive(role);
    return this.#media.choose(role, id);
  }

  /** The person has read this. @param {Role} role */
  forgive(role) {
    this.#publish({ problems: this.#live.problems.filter((each) => each.role !== role) });
  }

  /** How loud both are, 0 to 1. */
  levels() {
    const { sending, session } = this.#live;
    return {
      own: sending.microphone ? (this.#meter?.level ?? 0) : 0,
      remote: session === "connected" ? (this.#session?.remoteLevel ?? 0) : 0,
    };
  }

  /** @returns {Promise<Figures | null>} */
  async figures() {
    const stats = await this.#session?.stats();
    return stats ? readFigures(/** @type {any} */ (stats.report), stats.roles, stats.sdp) : null;
  }

  close() {
    for (const timer of [this.#refused, this.#connecting]) clearTimeout(timer);
    this.#meter?.close();
    this.#ending.abort();
    this.#store.dispatch({ event: "ui/call", call: { live: null } });
  }

  /** @param {{ audio: boolean, video: boolean, muted: boolean }} wanted */
  async #open(wanted) {
    const asking = setTimeout(() => this.#publish({ asking: true }), ASKING_SHOWN);
    const opening = this.#media.open(wanted).finally(() => {
      clearTimeout(asking);
      this.#publish({ asking: false });
      void this.#listDevices();
    });
    const patience = new Promise((resolve) => setTimeout(resolve, ASKING_PATIENCE));
    await Promise.race([opening, patience]);
  }

  #listen() {
    const signal = this.#ending.signal;
    const media = this.#media;
    const detail = (/** @type {Event} */ event) => /** @type {CustomEvent} */ (event).detail;
    media.addEventListener("track", (event) => this.#newTrack(detail(event)), { signal });
    media.addEventListener("change", () => this.#mediaChanged(), { signal });
    media.addEventListener("devices", () => void this.#listDevices(), { signal });
    media.addEventListener("problem", (event) => this.#problem(detail(event)), { signal });
  }

  /** @param {Call} call */
  #makeSession({ id, polite }) {
    const session = new CallSession({
      polite,
      media: this.#media,
      iceServers: this.#store.state.iceServers,
      signal: this.#ending.signal,
      send: (signal) => this.#socket.send(frameOf(id, signal)),
    });
    const { signal } = this.#ending;
    session.addEventListener("state", () => this.#changed(session.state), { signal });
    session.addEventListener("remote", () => this.#publish({ remote: session.remote }), { signal });
    session.addEventListener("trouble", (event) => console.warn("Call:", /** @type {CustomEvent} */ (event).detail), { signal });
    const timer = setInterval(() => void this.#measure(), MEASURE_EVERY);
    signal.addEventListener("abort", () => clearInterval(timer));
    return session;
  }

  /** @param {SessionState} state */
  #changed(state) {
    this.everConnected ||= state === "connected";
    if (state === "connected") void this.#measure();
    this.#publish({ session: state, stuck: this.#live.stuck && !this.everConnected });
    clearTimeout(this.#refused);
    if (state === "refused") this.#refused = setTimeout(() => this.#giveUp(), REFUSED_PATIENCE);
    this.#connecting ??= setTimeout(() => this.#publish({ stuck: !this.everConnected }), CONNECTING_PATIENCE);
  }

  async #measure() {
    const figures = await this.figures();
    if (!figures || this.#ending.signal.aborted) return;
    if (figures.keys === "differ") return this.#giveUp(BETRAYED);
    this.#publish({ quality: compare(this.#figures, figures) });
    this.#figures = figures;
  }

  /** @param {{ role: Role, track: MediaStreamTrack | null }} change */
  #newTrack({ role, track }) {
    if (role === "microphone") {
      this.#meter?.close();
      this.#meter = track && new LevelMeter(track);
    } else {
      this.#publish({ own: { ...this.#live.own, [role]: track && new MediaStream([track]) } });
    }
  }

  #mediaChanged() {
    this.#publish({ sending: this.#media.sending, chosen: this.#media.chosen });
    this.#tellMedia();
  }

  /** Says what we send when it is something else; the daemons remember it for a new page or a new link. */
  #tellMedia() {
    const media = this.#media.sending;
    const told = JSON.stringify(media);
    if (!this.#settled || !this.#session?.generation || told === this.#told) return;
    this.#remember();
    if (this.#socket.send({ event: "set_call_media", call: this.id, media })) this.#told = told;
  }

  /** What is to be on again after a reload. What only did not work is tried again then. */
  #remember() {
    const { sending, problems } = this.#live;
    const wanted = (/** @type {Input} */ role) => sending[role] || problems.some((problem) => problem.role === role);
    if (this.id && this.#session?.generation) remember(this.id, { microphone: wanted("microphone"), camera: wanted("camera") });
  }

  async #listDevices() {
    const devices = await this.#media.list();
    this.#publish({ devices, chosen: this.#media.chosen });
  }

  /** @param {Problem} problem */
  #problem(problem) {
    this.#publish({ problems: [...this.#live.problems.filter(({ role }) => role !== problem.role), problem] });
    this.#remember();
  }

  /** @param {Partial<Live>} change */
  #publish(change) {
    if (this.#ending.signal.aborted) return;
    this.#live = { ...this.#live, ...change };
    this.#store.dispatch({ event: "ui/call", call: { live: this.#live } });
  }
}

/**
 * Resolves if the two sides may agree while the devices are still being opened: the person has said yes for good, and
 * the browser looks for ways over all networks then. Only Chromium does; Firefox does so when the devices are open.
 * @param {boolean} video
 * @returns {Promise<void>}
 */
async function mayBeginBefore(video) {
  const names = /** @type {PermissionName[]} */ (video ? ["microphone", "camera"] : ["microphone"]);
  const asked = "userAgentData" in navigator ? names.map((name) => navigator.permissions.query({ name })) : [Promise.reject()];
  const granted = await Promise.all(asked).then((all) => all.every(({ state }) => state === "granted"), () => false);
  if (!granted) await new Promise(() => {});
}

/**
 * @param {string} call
 * @param {NumberedSignal} signal
 * @returns {Frame}
 */
function frameOf(call, { generation, description, candidate }) {
  if (!description) return { event: "webrtc_ice_candidate", call, generation, candidate };
  return { event: `webrtc_${description.type}`, call, generation, sdp: description.sdp };
}
