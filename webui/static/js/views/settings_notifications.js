/**
 * The switches for notifications. They are those of the person, for all pages and the desktop; whoever shows them.
 *
 * @import {Context} from "../main.js"
 * @import {State} from "../state.js"
 */

import { part, setText } from "./dom.js";

/** Who shows notifications, or why nobody does. */
const WORDS = {
  off: "Messages and requests are seen on the page of LanChat only.",
  desktop: "They appear on your desktop while you look at no page of LanChat, even if none is open.",
  granted: "Your desktop does not take them from LanChat now, so this page shows them while it is open and you look at something else.",
  default: "Your desktop does not take them from LanChat now. This page can show them while it is open, if the browser allows it.",
  denied: "Your desktop does not take them from LanChat now, and the browser does not allow them for this page. Its settings, left of the address, can change that.",
  missing: "Your desktop does not take them from LanChat now, and this browser has none.",
};

/**
 * @param {HTMLElement} root the dialog
 * @param {Context} context
 * @returns {(state: State) => void} shows how it is
 */
export function mountNotifications(root, { store, intents }) {
  const shown = /** @type {HTMLInputElement} */ (part(root, "notifications"));
  const hidden = /** @type {HTMLInputElement} */ (part(root, "hide-text"));
  const allow = part(root, "allow");

  /** @param {State} state */
  function render(state) {
    const who = whoShows(state);
    shown.checked = state.shared.notifications;
    hidden.checked = state.shared.hide_text;
    setText(part(root, "notifications-note"), WORDS[who]);
    allow.hidden = who !== "default";
  }

  const again = () => render(store.state);
  shown.addEventListener("change", () => {
    const asked = shown.checked && !store.state.desktop ? ask() : null; // now: browsers want to be asked in a click
    void intents.profile.share({ notifications: shown.checked }).then(again).then(() => asked).then(again);
  });
  hidden.addEventListener("change", () => void intents.profile.share({ hide_text: hidden.checked }).then(again));
  allow.addEventListener("click", () => void ask().then(again));

  return render;
}

async function ask() {
  if ("Notification" in window) await Notification.requestPermission();
}

/** @param {State} state @returns {keyof typeof WORDS} */
function whoShows({ desktop, shared }) {
  if (!shared.notifications) return "off";
  if (desktop) return "desktop";
  return "Notification" in window ? Notification.permission : "missing";
}
