/**
 * The call: which of its faces is to be seen. What each of them shows is written in the files beside this one.
 *
 * @import {Context} from "../main.js"
 * @import {Screen} from "../call_screen.js"
 * @import {State} from "../state.js"
 */

import { screenOf } from "../call_screen.js";
import { callUi } from "../intents/calls.js";
import { mountCard } from "./call_card.js";
import { mountIncoming } from "./call_incoming.js";
import { mountStage } from "./call_stage.js";
import { Ringer } from "./ringer.js";
import { part, setText } from "./dom.js";

/**
 * Milliseconds, too short to be noticed, for which the dialog stays once the call is accepted: while a page draws the stage
 * it neither opens devices nor answers the other page.
 */
const DEVICES_FIRST = 100;

/** @param {HTMLElement} root @param {Context} context @returns {() => void} the way to stop */
export function mountCall(root, context) {
  const { store } = context;
  const ringer = new Ringer();
  const incoming = mountIncoming(root, context, ringer);
  const stage = mountStage(root, context);
  const card = mountCard(root, context);
  let shown = "";
  let rang = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let soon;

  /** @param {State} state */
  function follow(state) {
    const ui = callUi(state);
    const screen = screenOf(state, ui);
    ring(ringer, screen, state);
    if (rang && screen.kind === "stage") {
      soon ??= setTimeout(draw, DEVICES_FIRST);
      return;
    }
    clearTimeout(soon);
    soon = undefined;
    rang = screen.kind === "incoming";
    incoming(screen);
    stage(screen);
    card(screen, ui.over);
    const now = `${screen.kind} ${screen.call?.state} ${screen.live?.session}`;
    if (now !== shown) setText(part(root, "announce"), spoken(screen));
    shown = now;
  }

  function draw() {
    rang = false;
    follow(store.state);
  }

  follow(store.state);
  return store.subscribe(follow);
}

/** @param {Ringer} ringer @param {Screen} screen @param {State} state */
function ring(ringer, { kind, call, live }, { preferences }) {
  const waiting = kind === "stage" && live !== null && call?.state === "ringing" && call.direction === "outgoing";
  ringer.play(!preferences.sounds ? null : kind === "incoming" ? "ring" : waiting ? "wait" : null);
}

/** What a screen reader says at once. The dialog of an incoming call speaks for itself. @param {Screen} screen */
function spoken({ kind, call, live, name }) {
  if (kind !== "stage" || call?.state !== "active") return "";
  if (live?.session === "connected") return `You are in a call with ${name}.`;
  return live?.session === "reconnecting" ? "Reconnecting." : "";
}
