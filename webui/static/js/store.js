/**
 * The one place where the page's state lives. The reducer is its only writer; views listen.
 *
 * @template S, A
 * @typedef {object} Store
 * @property {S} state the state as it is now; never changed in place
 * @property {(action: A) => void} dispatch
 * @property {(listener: (state: S, previous: S, action: A) => void) => () => void} subscribe returns the way to stop
 */

/**
 * Make a store. Listeners run in the order in which they came; what they dispatch is handled after all of them have run.
 *
 * @template S, A
 * @param {S} initial
 * @param {(state: S, action: A) => S} reduce
 * @returns {Store<S, A>}
 */
export function createStore(initial, reduce) {
  let state = initial;
  /** @type {Set<(state: S, previous: S, action: A) => void>} */
  const listeners = new Set();
  /** @type {A[]} */
  const queue = [];
  let running = false;

  /** @param {A} action */
  function dispatch(action) {
    queue.push(action);
    if (running) return;
    running = true;
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const previous = state;
        state = reduce(state, next);
        for (const listener of [...listeners]) listener(state, previous, next);
      }
    } finally {
      running = false;
    }
  }

  return {
    get state() {
      return state;
    },
    dispatch,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
