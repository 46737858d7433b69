/**
 * Looking at the network while its screen is open: who is linked, every two seconds; what is wrong, when it opens, when somebody
 * asks or comes back to it, and when the company has changed.
 *
 * @import {AppStore, State} from "../state.js"
 * @import {Daemon, Examination, Peer} from "../network.js"
 */

const PAUSE = 2000;
/** For so long the daemon gives the same answer to everybody who asks what is wrong. */
const FRESH = 11_000;
/** Between two looks, when they fail, or when strangers come and go all the time. */
const LONGEST = 300_000;
/** For so long after a command was copied its effect is waited for. */
const MENDING = 120_000;
/** Until an answer that takes two seconds, or none, is given up. */
const PATIENCE = { look: 20_000, poll: 6000 };

/** @param {{store: AppStore}} context */
export const createNetwork = (context) => new Looking(context);

class Looking {
  #store;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #asking = false;
  /** Whom our person wants to reach, and the strangers, as they were at the last look; null before the first one. */
  /** @type {{ours: string, strangers: string} | null} */ #company = null;
  /** The last look, by a clock that nobody sets. */
  #tried = -Infinity;
  #failures = 0;
  /** How many looks in a row only strangers have brought about. */
  #restless = 0;
  #mendingUntil = -Infinity;

  /** @param {{store: AppStore}} context */
  constructor({ store }) {
    this.#store = store;
    store.subscribe((state, previous) => {
      const opened = state.ui.screen !== previous.ui.screen;
      const back = state.connected && !previous.connected;
      if (!opened && !back) return;
      void this.#poll();
      if (this.#watched) void this.look();
    });
    for (const [target, event] of /** @type {const} */ ([[document, "visibilitychange"], [window, "focus"]])) {
      target.addEventListener(event, () => this.#returned());
    }
  }

  /** Has the daemon look at this machine and its network, which takes two seconds. */
  async look() {
    if (this.#now.looking || !this.#store.state.connected) return;
    this.#tried = performance.now();
    this.#patch({ looking: true, failed: false });
    try {
      const examination = /** @type {Examination} */ (await ask("/api/findings", PATIENCE.look));
      this.#company = company(examination.daemon.peers);
      this.#failures = 0;
      const { daemon, at } = this.#now;
      this.#patch({ examination, looked: Date.now(), ...(daemon ? {} : { daemon: examination.daemon, at: at || Date.now() }) });
    } catch {
      this.#failures += 1;
      this.#patch({ failed: true });
    } finally {
      this.#patch({ looking: false });
    }
  }

  /** A command was copied: what it mends is to be seen without being asked for. */
  expect() {
    this.#mendingUntil = performance.now() + MENDING;
  }

  /** Somebody looks at the page again, perhaps from the terminal in which they have mended something. */
  #returned() {
    if (!this.#watched) return;
    void this.#poll();
    if (performance.now() - this.#tried > FRESH) void this.look();
  }

  async #poll() {
    clearTimeout(this.#timer);
    if (!this.#watched || this.#asking) return;
    this.#asking = true;
    try {
      const daemon = /** @type {Daemon} */ (await ask("/api/network", PATIENCE.poll));
      const now = company(daemon.peers);
      this.#patch({ daemon, at: Date.now(), missed: 0 });
      if (this.#due(now)) void this.look();
    } catch {
      // The socket tells when the daemon is gone; until then the last picture stays.
      this.#patch({ missed: this.#now.missed + 1 });
    } finally {
      this.#asking = false;
    }
    clearTimeout(this.#timer);
    if (this.#watched) this.#timer = setTimeout(() => void this.#poll(), PAUSE);
  }

  /** Whether to look again by itself. @param {{ours: string, strangers: string}} now */
  #due(now) {
    const since = performance.now() - this.#tried;
    if (since <= FRESH) return false;
    if (this.#failures > 0 || this.#company === null) return since > pause(this.#failures);
    if (now.ours !== this.#company.ours || performance.now() < this.#mendingUntil) return true;
    // Whoever likes may announce themselves and leave again and again.
    if (now.strangers === this.#company.strangers || since <= pause(this.#restless)) return false;
    this.#restless = since < 2 * pause(this.#restless) ? this.#restless + 1 : 0;
    return true;
  }

  get #watched() {
    const { ui, connected } = this.#store.state;
    return ui.screen === "network" && connected && document.visibilityState === "visible";
  }

  get #now() {
    return this.#store.state.ui.network;
  }

  /** @param {Partial<State["ui"]["network"]>} network */
  #patch(network) {
    this.#store.dispatch({ event: "ui/network", network });
  }
}

/** @param {number} times */
function pause(times) {
  return Math.min(LONGEST, FRESH * 2 ** times);
}

/** Who is linked and who is not: what findings may come from. @param {Peer[]} peers */
function company(peers) {
  const said = (/** @type {boolean} */ ours) =>
    peers
      .filter(({ standing, told }) => (standing === "contact" || "manual" in told) === ours)
      .map(({ id, link, problem, in_sight: inSight }) => `${id} ${link !== null} ${inSight} ${ours ? problem : problem !== null}`)
      .sort()
      .join("\n");
  return { ours: said(true), strangers: said(false) };
}

/** @param {string} path @param {number} patience in milliseconds @returns {Promise<unknown>} */
async function ask(path, patience) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(patience) });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}
