/**
 * Looking at the network while its screen is open: who is linked, every two seconds; what is wrong, when it opens, when somebody
 * asks, and when the company has changed.
 *
 * @import {AppStore, State} from "../state.js"
 * @import {Daemon, Examination, Peer} from "../network.js"
 */

const PAUSE = 2000;
/** For so long the daemon gives the same answer to everybody who asks what is wrong. */
const FRESH = 11_000;
const PATIENCE = 20_000;

/** @param {{store: AppStore}} context */
export const createNetwork = (context) => new Looking(context);

class Looking {
  #store;
  /** @type {ReturnType<typeof setTimeout> | undefined} */ #timer;
  #asking = false;
  /** The company, when it was last looked at all. */
  #company = "";

  /** @param {{store: AppStore}} context */
  constructor({ store }) {
    this.#store = store;
    store.subscribe((state, previous) => {
      const opened = state.ui.screen !== previous.ui.screen;
      const back = state.connected && !previous.connected;
      if (!opened && !back) return;
      void this.#poll();
      if (this.#watched && (opened || back)) void this.look();
    });
    document.addEventListener("visibilitychange", () => void this.#poll());
  }

  /** Has the daemon look at this machine and its network, which takes two seconds. */
  async look() {
    if (this.#now.looking || !this.#store.state.connected) return;
    this.#patch({ looking: true, failed: false });
    try {
      const examination = /** @type {Examination} */ (await ask("/api/findings"));
      this.#company = company(examination.daemon.peers);
      this.#patch({ examination, looked: Date.now(), daemon: this.#now.daemon ?? examination.daemon });
    } catch {
      this.#patch({ failed: true });
    } finally {
      this.#patch({ looking: false });
    }
  }

  async #poll() {
    clearTimeout(this.#timer);
    if (!this.#watched || this.#asking) return;
    this.#asking = true;
    try {
      const daemon = /** @type {Daemon} */ (await ask("/api/network"));
      this.#patch({ daemon, at: Date.now() });
      if (company(daemon.peers) !== this.#company && Date.now() - this.#now.looked > FRESH) void this.look();
    } catch {
      // The socket tells when the daemon is gone; until then the last picture stays.
    } finally {
      this.#asking = false;
    }
    clearTimeout(this.#timer);
    if (this.#watched) this.#timer = setTimeout(() => void this.#poll(), PAUSE);
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

/** Who is linked and who is not: what findings may come from. @param {Peer[]} peers */
function company(peers) {
  return peers
    .map(({ id, link, problem, in_sight: inSight }) => `${id} ${link !== null} ${inSight} ${problem}`)
    .sort()
    .join("\n");
}

/** @param {string} path @returns {Promise<unknown>} */
async function ask(path) {
  const answer = await fetch(path, { signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.json();
}
