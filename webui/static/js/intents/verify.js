/**
 * Making sure whose key it is: comparing pictures, showing a code, scanning one.
 *
 * @import {Frame, Refusal, Socket} from "../socket.js"
 * @import {AppStore, Verify} from "../state.js"
 */

import { isLinked } from "../person.js";
import { NO_CODE, outcomeSentence } from "../verify_screen.js";
import { notify } from "./notify.js";

/** A code is good for ten minutes; before they are over there is a new one. */
const RENEWED_AFTER = 9 * 60_000;
const NOT_OURS = "That is no code of LanChat.";

/** @param {{socket: Socket, store: AppStore}} context */
export const createVerify = (context) => new Verifying(context);

class Verifying {
  #socket;
  #store;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #renewal;
  #deciding = false;

  /** @param {{socket: Socket, store: AppStore}} context */
  constructor({ socket, store }) {
    this.#socket = socket;
    this.#store = store;
  }

  /** Opens the dialog. @param {string} person */
  open(person) {
    const way = this.#store.state.people.get(person)?.verified ? "about" : "choose";
    this.#store.dispatch({ event: "ui/verify", verify: null });
    this.#store.dispatch({ event: "ui/verify", verify: { person, way } });
  }

  /** Closes the dialog. A comparison that goes on does so without it. */
  close() {
    clearTimeout(this.#renewal);
    if (this.#now) this.#store.dispatch({ event: "ui/verify", verify: null });
  }

  /** Another way, or the same again. @param {Verify["way"]} way */
  choose(way) {
    clearTimeout(this.#renewal);
    this.#patch({ way, code: null, problem: "", over: null, mine: false, scanned: false });
    if (way === "show") void this.#show();
  }

  /** Asks the other side to compare pictures. */
  compare() {
    this.choose("choose");
    return this.#ask({ event: "start_comparison", person: this.#now?.person });
  }

  accept() {
    const { comparison } = this.#store.state;
    if (comparison && this.#now?.person !== comparison.person) this.open(comparison.person);
    return this.#ask({ event: "accept_comparison", comparison: comparison?.id });
  }

  /** Ends the comparison, or says no to it. */
  cancel() {
    return this.#ask({ event: "cancel_comparison", comparison: this.#store.state.comparison?.id });
  }

  /** @param {boolean} match whether the two screens say the same */
  answer(match) {
    return this.#ask({ event: "answer_comparison", comparison: this.#store.state.comparison?.id, match });
  }

  /**
   * What the code in a picture says.
   * @param {Uint8Array<ArrayBuffer>} pixels grey levels, a byte each
   * @param {number} width
   * @returns {Promise<string | null>} null if there is none, or nobody who could read it
   */
  async read(pixels, width) {
    try {
      const answer = await fetch(`/api/read-code?width=${width}`, { method: "POST", body: pixels });
      return answer.ok ? (await answer.json()).text : null;
    } catch {
      return null;
    }
  }

  /** The camera has seen a code. @param {string} code */
  async scanned(code) {
    const { person = "", way, over } = this.#now ?? {};
    if (this.#deciding || way !== "scan" || over) return;
    if (!code.startsWith("lanchat:")) return this.#patch({ problem: NOT_OURS });
    this.#deciding = true;
    try {
      await this.#socket.request({ event: "scan_code", person, code });
      this.#patch({ over: "matched", mine: true, scanned: true, problem: "" });
    } catch (refusal) {
      const { code: why, message } = /** @type {Refusal} */ (refusal);
      this.#patch(why === "wrong_code" ? { over: "wrong_code", problem: message } : { problem: message });
    } finally {
      this.#deciding = false;
    }
  }

  /** @param {string} problem what is wrong with the camera; empty if nothing is */
  cannotSee(problem) {
    this.#patch({ problem });
  }

  /** The camera works, and there was no code for a while. */
  seesNothing() {
    if (!this.#now?.problem) this.#patch({ problem: NO_CODE });
  }

  /** @param {Frame} event the daemon's events, after the state has changed */
  handle(event) {
    const { ui, people } = this.#store.state;
    const name = people.get(event["person"])?.name;
    if (event.event === "comparison_ended" && name && !event["mine"] && ui.verify?.person !== event["person"]) {
      notify(this.#store, outcomeSentence(event["outcome"], name));
    }
    if (event.event === "snapshot" && ui.verify?.way === "show") this.choose("show");
    if (event.event === "person_changed" && ui.verify?.way === "show" && ui.verify.person === event["person"].id) this.#follow();
  }

  /** A code is lost with the link. */
  #follow() {
    const person = this.#store.state.people.get(this.#now?.person ?? "");
    if (!person) return;
    if (!isLinked(person)) this.#patch({ code: null, problem: `${person.name} is not connected now.` });
    else if (!this.#now?.code) this.choose("show");
  }

  async #show() {
    const person = this.#now?.person;
    const shown = await this.#ask({ event: "show_code", person });
    if (!shown || this.#now?.way !== "show" || this.#now.person !== person) return;
    this.#patch({ code: { path: shown["path"], size: shown["size"] } });
    clearTimeout(this.#renewal);
    this.#renewal = setTimeout(() => this.choose("show"), RENEWED_AFTER);
  }

  get #now() {
    return this.#store.state.ui.verify;
  }

  /** @param {Partial<Verify>} change */
  #patch(change) {
    if (this.#now) this.#store.dispatch({ event: "ui/verify", verify: change });
  }

  /** @param {Frame} request @returns {Promise<Frame | null>} null if it was refused, which is said */
  async #ask(request) {
    try {
      return await this.#socket.request(request);
    } catch (refusal) {
      const { message } = /** @type {Refusal} */ (refusal);
      if (this.#now) this.#patch({ problem: message });
      else notify(this.#store, message);
      return null;
    }
  }
}
