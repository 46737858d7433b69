/**
 * Writing and reading: messages, typing, what has been seen.
 *
 * A message that the daemon has not confirmed is sent again at every new connection, with its id, which makes it one. So is
 * one that was on its way when the daemon started anew.
 *
 * @import {Frame, Refusal, Socket} from "../socket.js"
 * @import {AppStore, Conversation, Entry} from "../state.js"
 * @import {Snapshot} from "../messages.js"
 */

import { unreadOf } from "../entries.js";
import { byteLength, TEXT_BYTES } from "../text.js";

const TYPING_AGAIN = 4000;
const TYPING_STOPS = 5000;
const TYPING_FADES = 6000;

/** @param {{socket: Socket, store: AppStore}} context */
export function createChat({ socket, store }) {
  const typing = createTyping(socket);
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  const fading = new Map();
  /** @type {Map<string, string>} what was last marked as seen, per person */
  const marked = new Map();

  /** @param {string} person @param {{id: string, text: string}} entry */
  function submit(person, { id, text }) {
    // Success needs no answer here: the daemon tells all tabs, this one too, of the new line.
    socket.request({ event: "send_private_message", person, id, text }).catch((/** @type {Refusal} */ { code, message }) => {
      if (code !== "disconnected") store.dispatch({ event: "ui/refused", person, id, problem: message });
    });
  }

  function resubmit() {
    for (const [person, { entries }] of store.state.conversations) {
      for (const entry of entries) if (entry.kind === "text" && entry.pending) submit(person, entry);
    }
  }

  /** @param {string} person @param {string} id */
  const mark = (person, id) => socket.send({ event: "mark_seen", person, id });

  /** Whether this page has shown their message before: to a daemon that has started anew it is news. @param {string} person @param {string} id */
  function isRead(person, id) {
    const conversation = store.state.conversations.get(person);
    const entry = conversation?.entries.find((each) => each.id === id && !each.mine && each.kind === "text");
    return entry?.kind === "text" && !entry.mine && entry.kept !== undefined && !unreadOf(/** @type {Conversation} */ (conversation)).includes(entry);
  }

  return {
    /** @param {Frame} event the daemon's events, after the state has changed */
    handle(event) {
      if (event.event === "snapshot") {
        marked.clear();
        resubmit();
        for (const told of /** @type {Snapshot} */ (/** @type {unknown} */ (event)).conversations) {
          const again = unreadOf(told).findLast(({ id }) => isRead(told.person, id));
          if (again) mark(told.person, again.id);
        }
      }
      if (event.event === "receive_private_message" && isRead(event["person"], event["entry"].id)) mark(event["person"], event["entry"].id);
      if (event.event === "typing") fade(event["person"], event["active"]);
    },

    /** @param {string} person @param {string} text @returns {boolean} false if the text can not be sent */
    send(person, text) {
      const clean = text.replace(/^\s*\n|\s+$/gu, "");
      if (!clean || byteLength(clean) > TEXT_BYTES) return false;
      /** @type {Entry} */
      const entry = { kind: "text", id: crypto.randomUUID(), mine: true, text: clean, at: Date.now(), status: "waiting" };
      typing.stop(person, { quietly: true });
      store.dispatch({ event: "ui/submit", person, entry });
      submit(person, entry);
      return true;
    },

    /** @param {string} person @param {Entry} entry one that the daemon refused */
    retry(person, entry) {
      if (entry.kind !== "text") return;
      store.dispatch({ event: "ui/retry", person, id: entry.id });
      submit(person, entry);
    },

    /** @param {string} person @param {string} id */
    discard: (person, id) => store.dispatch({ event: "ui/discard", person, id }),

    /** @param {string} person @param {string} text what stands in the composer now */
    draft(person, text) {
      store.dispatch({ event: "ui/draft", person, text });
      if (text.trim()) typing.go(person);
      else typing.stop(person);
    },

    /** @param {string} person @param {string} id of their message that can be read on the screen, the latest one */
    seen(person, id) {
      if (marked.get(person) === id || !mark(person, id)) return;
      marked.set(person, id);
      store.dispatch({ event: "ui/seen", person, id });
    },
  };

  /** @param {string} person @param {boolean} active */
  function fade(person, active) {
    clearTimeout(fading.get(person));
    if (!active) return;
    fading.set(
      person,
      setTimeout(() => store.dispatch({ event: "typing", person, active: false }), TYPING_FADES),
    );
  }
}

/** Says that we write: at once, then every four seconds, until we stop. @param {Socket} socket */
function createTyping(socket) {
  /** @type {string | null} */
  let writing = null;
  let said = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {string} person @param {{quietly?: boolean}} [how] quietly: a message says it too */
  function stop(person, { quietly = false } = {}) {
    if (writing !== person) return;
    clearTimeout(timer);
    writing = null;
    if (!quietly) socket.send({ event: "typing", person, active: false });
  }

  /** @param {string} person */
  function go(person) {
    if (writing !== null && writing !== person) stop(writing);
    if (writing !== person || performance.now() - said > TYPING_AGAIN) {
      if (!socket.send({ event: "typing", person, active: true })) return;
      said = performance.now();
    }
    writing = person;
    clearTimeout(timer);
    timer = setTimeout(() => stop(person), TYPING_STOPS);
  }

  return { go, stop };
}
