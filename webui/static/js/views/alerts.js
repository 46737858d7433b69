/**
 * What is said beside the conversation: notices, new messages for screen readers, sounds and the system's notifications.
 *
 * @import {Context} from "../main.js"
 * @import {Action, Notice, State} from "../state.js"
 */

import { whoIs } from "../call_screen.js";
import { keyOf } from "../entries.js";
import { playMessage } from "../sounds.js";
import { clone, part, reconcile, setText } from "./dom.js";

/** @param {HTMLElement} root @param {Context} context */
export function mountAlerts(root, { store, intents }) {
  /** @type {Map<string, HTMLElement>} */
  const notices = new Map();

  /** @param {Notice[]} items */
  function render(items) {
    reconcile(part(root, "notices"), notices, items, {
      key: ({ id }) => String(id),
      make: () => clone("notice"),
      update: (element, { text }) => setText(part(element, "text"), text),
    });
  }

  /** @param {State} state @param {State} previous @param {Action} action */
  function announce(state, previous, action) {
    const news = newsOf(state, previous, action);
    if (!news) return;
    setText(part(root, "polite"), `${news.title}: ${news.body}`);
    const watched = state.ui.attentive && state.ui.selected === news.person;
    if (watched || state.me.status === "dnd") return;
    if (state.preferences.sounds) playMessage();
    // Where the daemon shows notifications by itself, the desktop has this one already.
    if (!state.shared.notifications || state.desktop || state.ui.attentive) return;
    const body = state.shared.hide_text ? news.discreet : news.body;
    showNotification({ ...news, body }, () => intents.route.open(news.person));
  }

  render(store.state.ui.notices);
  return store.subscribe((state, previous, action) => {
    if (state.ui.notices !== previous.ui.notices) render(state.ui.notices);
    announce(state, previous, action);
  });
}

/**
 * What an action tells that a person would want to hear of.
 *
 * @param {State} state
 * @param {State} previous
 * @param {Action} action
 * @returns {{person: string, title: string, body: string, discreet: string} | null} discreet: the body without what was written
 */
function newsOf(state, previous, action) {
  if (action.event === "incoming_chat_request") {
    const { id, held } = action["person"];
    return held ? null : news(state, id, "Wants to chat with you");
  }
  if (action.event === "comparison_changed") {
    const { id, person, state: step } = action["comparison"];
    const invited = step === "asking" && previous.comparison?.id !== id;
    return invited ? news(state, person, "Would like to verify with you") : null;
  }
  const { person, entry } = /** @type {{person: string, entry: import("../state.js").Entry}} */ (/** @type {unknown} */ (action));
  if (action.event !== "receive_private_message" || entry.kind !== "text" || entry.mine) return null;
  if (previous.conversations.get(person)?.entries.some((each) => keyOf(each) === keyOf(entry))) return null;
  return news(state, person, entry.text.slice(0, 200), "New message");
}

/** Where the name makes one think of somebody else, that comes first. @param {State} state @param {string} person @param {string} words @param {string} [discreet] */
function news(state, person, words, discreet = words) {
  const { key, title, warning } = whoIs(person, state);
  const warned = key ? `${warning} ` : "";
  return { person, title, body: warned + words, discreet: warned + discreet };
}

/** @param {{person: string, title: string, body: string}} news @param {() => void} open */
function showNotification({ person, title, body }, open) {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const notification = new Notification(title, { body, tag: person });
  notification.addEventListener("click", () => {
    window.focus();
    open();
    notification.close();
  });
}
