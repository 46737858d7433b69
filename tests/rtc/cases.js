/** What is explored: each case in every order, or, where there are too many, in many orders at random. */

import { scenario } from "./scenarios.js";
import { explore, sample } from "./world.js";

/** @type {Record<string, import("./scenarios.js").Options & { orders?: number }>} `orders`: how many to sample */
export const CASES = {
  "one side offers": { changes: { A: ["a"] }, trickles: true },
  "both offer at once": {},
  "both offer at once, the other one polite": { polite: [false, true] },
  "both restart ICE at once": { changes: { A: ["ice a"], B: ["ice b"] } },
  "one side changes its mind twice": { changes: { A: ["a", "more"] } },
  "the polite side's offer, and the link breaks": { changes: { A: ["a"] }, cuts: 1 },
  "the impolite side's offer, and the link breaks": { changes: { B: ["b"] }, cuts: 1 },
  "two offers of one side, and the link breaks": { changes: { A: ["a", "more"] }, cuts: 1, orders: 2_000 },
  "both offer and the link breaks": { cuts: 1, orders: 3_000 },
  "both offer and the link breaks, the other one polite": { cuts: 1, polite: [false, true], orders: 3_000 },
  "both offer, with candidates": { trickles: true, orders: 1_000 },
  "much happens and the link breaks three times": { cuts: 3, changes: { A: ["a", "ice a"], B: ["b", "ice b"] }, trickles: true, orders: 1_000 },
};

/**
 * @param {any} Negotiator
 * @param {string} name
 * @param {{ limit?: number, stopAtFailure?: boolean, polite?: [boolean, boolean] }} [options]
 */
export function runCase(Negotiator, name, options = {}) {
  const { orders, ...rest } = CASES[name];
  const it = scenario(Negotiator, { ...rest, ...(options.polite && { polite: options.polite }) });
  return orders ? sample(it, { orders: Math.min(orders, options.limit ?? orders), ...options }) : explore(it, options);
}
