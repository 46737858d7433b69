/**
 * A card over the conversation: a call that comes in and must not disturb, one that another tab holds, one that waits to be
 * rejoined, and how the last one ended.
 *
 * @import {Context} from "../main.js"
 * @import {Screen} from "../call_screen.js"
 * @import {Over} from "../intents/calls.js"
 * @import {Call} from "../messages.js"
 */

import { mayCallAgain, outcomeWords, whoIs } from "../call_screen.js";
import { paintAvatar } from "./avatar.js";
import { part, setText } from "./dom.js";
import { paintMarks } from "./marks.js";

const OUTCOME_SHOWN = 7_000;
const QUIET = "It makes no sound, because you do not want to be disturbed.";

/** @param {HTMLElement} root @param {Context} context @returns {(screen: Screen, over: Over | null) => void} */
export function mountCard(root, { store, intents: { calls } }) {
  const card = part(root, "card");
  /** @type {Over | null} */
  let shown = null;
  /** @type {Call | null} */
  let coming = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  part(card, "rejoin").addEventListener("click", () => calls.rejoin());
  part(card, "card-end").addEventListener("click", () => calls.end());
  const answer = (/** @type {string} */ name, /** @type {(call: Call) => unknown} */ act) =>
    part(card, name).addEventListener("click", () => coming && act(coming));
  answer("card-decline", (call) => calls.reject(call));
  answer("card-audio", (call) => calls.accept(call, { video: false }));
  answer("card-video", (call) => calls.accept(call, { video: true }));
  part(card, "card-close").addEventListener("click", () => calls.dismissOutcome());
  part(card, "again").addEventListener("click", () => shown && calls.start(shown.call.person, { video: shown.call.offered.video }));

  /** The card goes by itself, but not from under somebody's finger. @param {Over | null} over */
  function schedule(over) {
    if (over === shown) return;
    shown = over;
    clearTimeout(timer);
    if (over) timer = setTimeout(function leave() {
      if (card.matches(":hover, :focus-within")) timer = setTimeout(leave, 1_000);
      else calls.dismissOutcome();
    }, OUTCOME_SHOWN);
  }

  return (screen, over) => {
    coming = screen.kind === "quiet" ? screen.call : null;
    const going = coming !== null || screen.kind === "rejoin" || screen.kind === "elsewhere";
    const person = going ? screen.person : (over?.call.person ?? "");
    const who = whoIs(person, store.state);
    const words = going ? goingWords(screen) : screen.kind === "none" && over ? outcomeWords(over, who.title) : null;
    schedule(words === null || going ? null : over);
    card.hidden = words === null;
    if (words === null) return;
    setText(part(card, "card-words"), words);
    setText(part(card, "card-note"), coming ? (calls.reason ?? QUIET) : "");
    paintMarks(card, who);
    paintAvatar(part(card, "avatar"), { id: person, name: who.name });
    part(card, "rejoin").hidden = screen.kind !== "rejoin" || !calls.supported;
    part(card, "card-end").hidden = !going || coming !== null;
    part(card, "card-decline").hidden = coming === null;
    for (const name of ["card-audio", "card-video"]) part(card, name).hidden = coming === null || !calls.supported;
    setText(part(card, "again"), over?.call.direction === "incoming" ? "Call back" : "Call again");
    part(card, "again").hidden = going || !over || !mayCallAgain(over) || !calls.supported;
    part(card, "card-close").hidden = going;
  };
}

/** @param {Screen} screen */
function goingWords({ kind, call, title }) {
  if (kind === "quiet") return `${title} is calling you.`;
  if (kind === "rejoin") return `You are still in a call with ${title}.`;
  return call?.state === "ringing" ? `You are calling ${title} in another tab.` : `You are talking with ${title} in another tab.`;
}
