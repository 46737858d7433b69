/**
 * What the dialog shows in which one verifies a person, and its words. Pure.
 *
 * @import {Comparison, Person} from "./messages.js"
 * @import {Verify} from "./state.js"
 */

import { isLinked } from "./person.js";

/** What is said when the camera has seen no code for a while. */
export const NO_CODE = "No code found yet. Make that screen brighter, avoid reflections, and let the code fill the frame; or compare pictures instead.";

/** @typedef {"choose" | "verified" | "show" | "scan" | "wait" | "signs" | "question" | "done" | "alarm"} Face */
/**
 * @typedef {"again" | "remove" | "accept" | "decline" | "cancel" | "match" | "differ" | "yes" | "no" | "rescan" | "block"
 *   | "instead" | "back" | "close" | "later"} Action
 */
/**
 * @typedef {object} VerifyScreen
 * @property {Face} face
 * @property {string} title
 * @property {string[]} words one paragraph each
 * @property {Action[]} actions
 * @property {Comparison["signs"]} signs
 */

const DANGER = "Write and say nothing private until the two of you have met face to face and verified again.";

/**
 * @param {Person} person
 * @param {Comparison | null} comparison the one with this person
 * @param {Verify} verify
 * @returns {VerifyScreen}
 */
export function verifyScreen(person, comparison, verify) {
  const shown = verify.over ? ended(person.name, verify) : comparison ? going(person.name, comparison) : begun(person, verify);
  return { signs: comparison && !verify.over ? comparison.signs : [], ...shown };
}

/** @typedef {Omit<VerifyScreen, "signs">} Shown */

/** @param {Person} person @param {Verify} verify @returns {Shown} */
function begun(person, { way }) {
  const { name } = person;
  if (way === "show") {
    const words = [`On ${name}'s machine: Verify, then Scan their code. Let that camera see this code.`];
    return { face: "show", title: `Show this to ${name}`, words, actions: ["back"] };
  }
  if (way === "scan") {
    const words = [`Ask ${name} to open Verify, then Show my code. Hold their screen in front of your camera.`];
    return { face: "scan", title: `Scan ${name}'s code`, words, actions: ["back", "instead"] };
  }
  if (way === "about" && person.verified) {
    const words = [`You have checked that this key is ${name}'s, and that nobody sits between you. When in doubt, check again.`];
    return { face: "verified", title: `${name} is verified`, words, actions: ["remove", "again"] };
  }
  const why = `LanChat knows ${name}'s machine by its key. Check together, once, whose key it is: then a shield beside the name tells you that nobody sits between you.`;
  const words = isLinked(person) ? [why] : [why, `${name} is not here right now. You can verify as soon as they are back.`];
  return { face: "choose", title: `Verify ${name}`, words, actions: [] };
}

/** @param {string} name @param {Comparison} comparison @returns {Shown} */
function going(name, { state, signs, mine }) {
  if (state === "asking") {
    const words = ["Both of you will see seven pictures. Talk while you compare them: face to face, or in a call."];
    return { face: "question", title: `${name} would like to verify`, words, actions: ["decline", "accept"] };
  }
  if (state === "asked") {
    return { face: "wait", title: `Waiting for ${name}`, words: [`A question has appeared on ${name}'s screen.`], actions: ["cancel"] };
  }
  if (signs.length === 0) {
    const words = [`${name}'s machine has scanned your code. Does their screen say that you are verified?`];
    return { face: "question", title: `Ask ${name}`, words, actions: ["no", "yes"] };
  }
  if (mine) {
    const words = [`You have said that they match. ${name} has not answered yet; you need not wait for it here.`];
    return { face: "signs", title: `Waiting for ${name}`, words, actions: ["close"] };
  }
  const words = [`Compare with ${name}, face to face or in a call: are they the same, in this order?`];
  return { face: "signs", title: "Are they the same?", words, actions: ["differ", "match"] };
}

/** @param {string} name @param {Verify} verify @returns {Shown} */
function ended(name, { over, mine, scanned, problem }) {
  const failed = (/** @type {string} */ words) =>
    /** @type {Shown} */ ({ face: "done", title: "Not verified this time", words: [words], actions: ["close", "again"] });
  switch (over) {
    case "matched": {
      const next = scanned ? `${name}'s screen now asks whether yours says so. Tell them: yes.` : "From now on a shield stands beside the name.";
      return { face: "verified", title: `${name} is verified`, words: [`This key is ${name}'s, and nobody sits between you. ${next}`], actions: ["close"] };
    }
    case "mismatch": {
      const who = mine ? "You have said" : `${name} has said`;
      const words = `${who} that the pictures differ: either one of you has misread them, or somebody sits between you and reads along.`;
      return { face: "alarm", title: `This may not be ${name}`, words: [words, DANGER], actions: ["block", "later", "again"] };
    }
    case "wrong_code":
      return { face: "alarm", title: `This is not ${name}'s key`, words: [problem, DANGER], actions: ["block", "later", "rescan"] };
    case "broken": {
      const words = `What ${name}'s machine sent does not fit together: either an old code was scanned, or somebody sits between you. Try once more.`;
      return { face: "alarm", title: "The check has failed", words: [words, DANGER], actions: ["later", "again"] };
    }
    case "declined":
      return failed(`${name} would rather not compare right now. Try again another time.`);
    case "timeout":
      return failed(`Nobody answered in time. Talk to ${name} first, then try again.`);
    case "busy":
      return failed(`${name} is verifying with somebody else. Try again in a minute.`);
    case "peer_gone":
      return failed(`The connection to ${name} was lost. Try again when they are back.`);
    default:
      return failed(`${name} has closed the comparison. Try again when both of you have a minute.`);
  }
}

/**
 * What the card over the conversation says of a comparison; empty when there is nothing to do.
 *
 * @param {Comparison} comparison
 * @param {string} name
 */
export function cardWords({ state, mine, signs }, name) {
  if (mine) return "";
  if (state === "asking") return `${name} would like to verify with you: compare seven pictures.`;
  if (state === "comparing" && signs.length === 0) return `${name}'s machine has scanned your code.`;
  return `You are verifying with ${name}.`;
}

/**
 * How a comparison ended, for whoever does not look at it.
 *
 * @param {import("./messages.js").ComparisonOutcome} outcome
 * @param {string} name
 */
export function outcomeSentence(outcome, name) {
  if (outcome === "matched") return `${name} is verified.`;
  return ended(name, { person: "", way: "choose", code: null, problem: "", over: outcome, mine: false, scanned: false }).words[0] ?? "";
}
