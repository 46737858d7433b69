/**
 * The socket to the daemon: asks, listens, and comes back by itself. It knows no state and no DOM.
 *
 * @typedef {{event: string, ref?: string, [field: string]: any}} Frame
 * @typedef {{code: string, message: string}} Refusal what a request is rejected with; `disconnected` if there was no answer
 *
 * @typedef {object} Socket
 * @property {(message: Frame) => Promise<Frame>} request sends and waits for the answer; rejects with a {@link Refusal}
 * @property {(message: Frame) => boolean} send sends without waiting; false when there is no connection
 * @property {() => void} close
 */

const FIRST_DELAY = 250;
const LONGEST_DELAY = 4000;

/** @type {Refusal} */
const DISCONNECTED = { code: "disconnected", message: "LanChat is not running on this machine right now." };

/**
 * @param {object} options
 * @param {string} options.url
 * @param {(event: Frame) => void} options.onEvent gets every event that answers no request, and answers too: they are events
 * @param {(connected: boolean) => void} options.onStatus
 * @returns {Socket}
 */
export function createSocket({ url, onEvent, onStatus }) {
  /** @type {WebSocket | undefined} */
  let socket;
  /** @type {Map<string, {resolve: (answer: Frame) => void, reject: (refusal: Refusal) => void}>} */
  const waiting = new Map();
  let count = 0;
  let delay = FIRST_DELAY;
  let ready = false;
  let closed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  function connect() {
    clearTimeout(timer);
    timer = undefined;
    const current = new WebSocket(url);
    socket = current;
    current.addEventListener("message", ({ data }) => {
      if (!ready) begin();
      receive(JSON.parse(data));
    });
    current.addEventListener("close", () => lost(current));
  }

  /** The daemon speaks first, with a snapshot: nothing is sent before, so that what waited keeps its order. */
  function begin() {
    ready = true;
    delay = FIRST_DELAY;
    onStatus(true);
  }

  /** @param {Frame} frame */
  function receive(frame) {
    trace("<", frame);
    const asker = frame.ref === undefined ? undefined : waiting.get(frame.ref);
    if (frame.ref !== undefined) waiting.delete(frame.ref);
    // An error that answers nothing tells of a trouble that no request has caused.
    if (frame.event !== "ok" && (frame.event !== "error" || frame.ref === undefined)) onEvent(frame);
    if (frame.event === "error") asker?.reject({ code: frame["code"], message: frame["message"] });
    else asker?.resolve(frame);
  }

  /** @param {WebSocket} gone */
  function lost(gone) {
    if (gone !== socket) return;
    socket = undefined;
    ready = false;
    const orphans = [...waiting.values()];
    waiting.clear();
    onStatus(false);
    for (const { reject } of orphans) reject(DISCONNECTED);
    if (closed) return;
    timer = setTimeout(connect, delay * (0.75 + Math.random() / 2));
    delay = Math.min(delay * 2, LONGEST_DELAY);
  }

  /** Somebody looks at the page: no reason to wait any longer. */
  function hurry() {
    if (timer !== undefined && document.visibilityState === "visible") connect();
  }

  /** @param {Frame} message */
  function send(message) {
    if (!ready || socket?.readyState !== WebSocket.OPEN) return false;
    trace(">", message);
    socket.send(JSON.stringify(message));
    return true;
  }

  addEventListener("focus", hurry);
  document.addEventListener("visibilitychange", hurry);
  connect();

  return {
    send,
    request(message) {
      return new Promise((resolve, reject) => {
        const ref = String(++count);
        if (!send({ ...message, ref })) return reject(DISCONNECTED);
        waiting.set(ref, { resolve, reject });
      });
    },
    close() {
      closed = true;
      clearTimeout(timer);
      removeEventListener("focus", hurry);
      document.removeEventListener("visibilitychange", hurry);
      socket?.close();
    },
  };
}

/** @param {"<" | ">"} direction @param {Frame} frame */
function trace(direction, frame) {
  if (localStorage["debug"] === "*") console.debug(`[socket] ${direction} ${frame.event}`, frame);
}
