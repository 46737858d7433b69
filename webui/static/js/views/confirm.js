/**
 * What people may regret is asked first, in words that say what will happen.
 *
 * @import {Context} from "../main.js"
 */

import { find, part, setText } from "./dom.js";

/** @type {Record<"block" | "forget" | "distrust", (name: string) => {title: string, words: string, yes: string}>} */
const QUESTIONS = {
  block: (name) => ({
    title: `Block ${name}?`,
    words: `${name} can no longer write to you or call you, and is not told. You can unblock them in Settings; one of you then asks to chat again.`,
    yes: "Block",
  }),
  forget: (name) => ({
    title: `Forget ${name}?`,
    words: `Your conversation is deleted here, and ${name} is no longer your contact. This cannot be undone: to talk again, one of you asks to chat.`,
    yes: "Forget",
  }),
  distrust: (name) => ({
    title: `Remove the verification of ${name}?`,
    words: `The shield beside the name goes away, here and not at ${name}'s. You stay contacts, and can verify again.`,
    yes: "Remove",
  }),
};

/**
 * The intents for people, with those that one may regret asking first.
 *
 * @param {Context} context
 */
export function asking({ store, intents: { people } }) {
  const ask = (/** @type {"block" | "forget" | "distrust"} */ action) => (/** @type {string} */ person) =>
    confirm(QUESTIONS[action](store.state.people.get(person)?.name ?? "Somebody"), () => people[action](person));
  return { ...people, block: ask("block"), forget: ask("forget"), distrust: ask("distrust") };
}

/** @param {{title: string, words: string, yes: string}} question @param {() => void} act */
function confirm({ title, words, yes }, act) {
  const dialog = /** @type {HTMLDialogElement} */ (find(document, "#confirm"));
  setText(part(dialog, "title"), title);
  setText(part(dialog, "words"), words);
  setText(part(dialog, "yes"), yes);
  // Escape leaves the value as it is.
  dialog.returnValue = "";
  dialog.onclose = () => dialog.returnValue === "yes" && act();
  dialog.showModal();
}
