/** Two sides, a link between them that keeps the order and may break, and what must be true in the end. */

import { FakeConnection } from "./fake_connection.js";

/**
 * @typedef {object} Options
 * @property {[boolean, boolean]} [polite] Of A and of B.
 * @property {Record<string, string[]>} [changes] Of each side, made one after the other, each at any moment; those that
 *   begin with "ice" restart ICE.
 * @property {number} [cuts] How often the link breaks and returns.
 * @property {boolean} [trickles] Whether there are candidates.
 */

/**
 * @param {any} Negotiator
 * @param {Options} [options]
 * @returns {(world: import("./world.js").World) => Promise<string | null>}
 */
export const scenario =
  (Negotiator, { polite = [true, false], changes = { A: ["a"], B: ["b"] }, cuts = 0, trickles = false } = {}) =>
  async (world) => {
    const link = new Link(world);
    const troubles = [];
    const sides = ["A", "B"].map((name, index) => {
      const connection = new FakeConnection(world, name, { trickles });
      const negotiator = new Negotiator({
        connection,
        polite: polite[index],
        signal: new AbortController().signal,
        send: (signal) => link.send(name, signal),
        failed: (error) => troubles.push(`${name}: ${error.name}: ${error.message}`),
      });
      return { name, connection, negotiator, trickles, lossy: cuts > 0 };
    });
    link.connect(sides);
    for (const { name, connection } of sides) changeInTurn(world, name, connection, [...(changes[name] ?? [])]);
    if (cuts) link.breakSometime(cuts);
    await world.run();
    return troubles[0] ?? disagreement(sides) ?? disagreement([...sides].reverse());
  };

function changeInTurn(world, name, connection, changes) {
  const what = changes.shift();
  if (what === undefined) return;
  world.step(name, `wants ${what}`, () => {
    connection.change(what, { restartIce: what.startsWith("ice") });
    changeInTurn(world, name, connection, changes);
  });
}

/** @returns {string | null} */
function disagreement([one, other]) {
  if (!one.connection.satisfied) return `${one.name} is left in ${one.connection.signalingState}`;
  for (const what of one.connection.wanted) {
    if (!other.connection.known.has(what)) return `${other.name} does not know of ${what}`;
  }
  // A candidate that is lost with the link is not said again: a connection that lacks it restarts ICE.
  const ice = one.connection.remoteIce;
  return one.lossy || !one.trickles || one.connection.candidates.has(ice) ? null : `${one.name} has no candidate`;
}

class Link {
  #world;
  #sides = [];
  #queues = { A: [], B: [] };
  #up = true;

  constructor(world) {
    this.#world = world;
  }

  connect(sides) {
    this.#sides = sides;
  }

  send(from, signal) {
    if (!this.#up) return;
    this.#queues[from].push({ signal, cancel: () => {} });
    if (this.#queues[from].length === 1) this.#offerDelivery(from);
  }

  #offerDelivery(from) {
    const [head] = this.#queues[from];
    if (!head) return;
    const to = this.#sides.find(({ name }) => name !== from);
    head.cancel = this.#world.step(to.name, `gets a ${head.signal.description?.type ?? "candidate"}`, () => {
      this.#queues[from].shift();
      this.#offerDelivery(from);
      void to.negotiator.receive(head.signal);
    });
  }

  breakSometime(times) {
    this.#world.step("", "the link breaks", () => {
      this.#up = false;
      for (const queue of Object.values(this.#queues)) {
        queue[0]?.cancel();
        queue.length = 0;
      }
      this.#world.step("", "the link returns", () => this.#heal(times - 1));
    });
  }

  #heal(times) {
    this.#up = true;
    for (const { name, negotiator } of this.#sides) {
      this.#world.step(name, "hears that the link is back", () => negotiator.resume());
    }
    if (times > 0) this.breakSometime(times);
  }
}
