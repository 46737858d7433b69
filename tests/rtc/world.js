/**
 * A world in which nothing happens by itself: whatever could happen next is a step, and `explore` takes the steps in
 * every order that somebody in it could tell apart. Each order is a run from the beginning (stateless model checking),
 * so a scenario is an ordinary function and needs no way to undo anything.
 *
 * Steps of different sides commute: neither touches what the other one sees, but through messages, and those are
 * steps of their own. Sleep sets (Godefroid, 1996) therefore visit one order of each class of equal ones, and all classes.
 */

/** Long enough for every chain of promises between two steps. */
const MICROTASKS = 16;
/** Two sides that talk for so long will not come to an end. */
const LONGEST = 400;
/** Weak references live until a task ends, and millions of promises make many. */
const ORDERS_PER_TASK = 200;

/** @typedef {{ id: string, side: string, run: () => void }} Step `side` is empty for what concerns everybody. */
/** @typedef {{ enabled: { id: string, side: string }[], asleep: Set<string>, chosen: string }} Node */

/** @type {(one: string, other: string) => boolean} whether steps of these sides commute */
const independent = (one, other) => one !== "" && other !== "" && one !== other;

export class World {
  /** @type {Map<string, Step>} */ #steps = new Map();
  /** @type {Map<string, number>} */ #counts = new Map();
  #pick;
  /** @type {string[]} what happened, for people */ log = [];
  /** Whether this order turned out to be equal to one that was run before. */
  redundant = false;
  /** Whether it went on and on. */
  endless = false;

  /** @param {(enabled: Step[]) => string | null} pick Says which step is next; null gives the order up. */
  constructor(pick) {
    this.#pick = pick;
  }

  /**
   * Makes something possible.
   * @param {string} side Who does it.
   * @param {string} label
   * @param {() => void} run
   * @returns {() => void} takes the possibility away
   */
  step(side, label, run) {
    const count = (this.#counts.get(side + label) ?? 0) + 1;
    this.#counts.set(side + label, count);
    const id = `${side} ${label} ${count}`;
    this.#steps.set(id, { id, side, run });
    return () => this.#steps.delete(id);
  }

  /** Takes steps until nothing more can happen. */
  async run() {
    await settle();
    while (this.#steps.size) {
      if (this.log.length === LONGEST) {
        this.endless = true;
        return;
      }
      const id = this.#pick([...this.#steps.values()]);
      if (id === null) {
        this.redundant = true;
        return;
      }
      const step = /** @type {Step} */ (this.#steps.get(id));
      this.#steps.delete(id);
      this.log.push(id);
      step.run();
      await settle();
    }
  }
}

/**
 * Follows a path through the tree of all orders, and lengthens it by one node for each step beyond its end.
 * @param {Node[]} path
 * @returns {(enabled: Step[]) => string | null}
 */
function follow(path) {
  let depth = 0;
  return (enabled) => {
    const node = (path[depth] ??= discover(enabled, path[depth - 1]));
    depth += 1;
    return node.chosen || null;
  };
}

/** @param {Step[]} steps @param {Node | undefined} parent @returns {Node} */
function discover(steps, parent) {
  const enabled = steps.map(({ id, side }) => ({ id, side }));
  const asleep = new Set();
  if (parent) {
    const sides = new Map(parent.enabled.map(({ id, side }) => [id, side]));
    const side = sides.get(parent.chosen) ?? "";
    for (const id of parent.asleep) if (independent(sides.get(id) ?? "", side)) asleep.add(id);
  }
  return { enabled, asleep, chosen: enabled.find(({ id }) => !asleep.has(id))?.id ?? "" };
}

/** @param {Node[]} path @returns {boolean} whether there is another order */
function advance(path) {
  for (let node = path.at(-1); node; node = path.at(-1)) {
    if (node.chosen) node.asleep.add(node.chosen);
    const next = node.enabled.find(({ id }) => !(/** @type {Node} */ (node).asleep.has(id)));
    if (next) {
      node.chosen = next.id;
      return true;
    }
    path.pop();
  }
  return false;
}

/**
 * @typedef {object} Findings
 * @property {number} orders
 * @property {number} failures
 * @property {{ problem: string, log: string[] } | null} first
 * @property {boolean} complete
 */

/**
 * Runs a scenario in every order.
 * @param {(world: World) => Promise<string | null>} scenario Says what went wrong, or null.
 * @param {{ limit?: number, stopAtFailure?: boolean }} [options]
 * @returns {Promise<Findings>}
 */
export async function explore(scenario, { limit = Infinity, stopAtFailure = false } = {}) {
  /** @type {Node[]} */ const path = [];
  /** @type {Findings} */ const findings = { orders: 0, failures: 0, first: null, complete: false };
  for (let runs = 1; findings.orders < limit; runs += 1) {
    await runOnce(scenario, new World(follow(path)), findings);
    findings.complete = !advance(path);
    if (findings.complete || (stopAtFailure && findings.failures)) break;
    if (runs % ORDERS_PER_TASK === 0) await nextTask();
  }
  return findings;
}

/**
 * Runs a scenario in many orders at random, where every order would take too long.
 * @param {(world: World) => Promise<string | null>} scenario
 * @param {{ orders: number, seed?: number, stopAtFailure?: boolean }} options
 * @returns {Promise<Findings>}
 */
export async function sample(scenario, { orders, seed = 1, stopAtFailure = false }) {
  /** @type {Findings} */ const findings = { orders: 0, failures: 0, first: null, complete: false };
  let state = seed;
  const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
  const pick = (/** @type {Step[]} */ enabled) => enabled[Math.floor(random() * enabled.length)].id;
  while (findings.orders < orders && !(stopAtFailure && findings.failures)) {
    await runOnce(scenario, new World(pick), findings);
    if (findings.orders % ORDERS_PER_TASK === 0) await nextTask();
  }
  return findings;
}

/** @param {(world: World) => Promise<string | null>} scenario @param {World} world @param {Findings} findings */
async function runOnce(scenario, world, findings) {
  const verdict = await scenario(world);
  const problem = world.endless ? "never comes to rest" : verdict;
  if (world.redundant) return;
  findings.orders += 1;
  if (!problem) return;
  findings.failures += 1;
  findings.first ??= { problem, log: world.log };
}

const nextTask = () => new Promise((resolve) => setTimeout(resolve));

async function settle() {
  for (let i = 0; i < MICROTASKS; i += 1) await null;
}
