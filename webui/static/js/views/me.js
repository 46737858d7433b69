/**
 * Who one is: the name, changed where it stands, and the status.
 *
 * @import {Context} from "../main.js"
 * @import {Me} from "../messages.js"
 * @import {State} from "../state.js"
 */

import { paintAvatar, paintPresence } from "./avatar.js";
import { find, part, setAttribute } from "./dom.js";

/** @param {HTMLElement} root @param {Context} context */
export function mountMe(root, { store, intents }) {
  const name = /** @type {HTMLInputElement} */ (part(root, "name"));
  const status = /** @type {HTMLSelectElement} */ (part(root, "status"));
  bindProfile(name, status, { store, intents });
  part(root, "settings").addEventListener("click", () => /** @type {HTMLDialogElement} */ (find(document, "#settings")).showModal());

  /** As others see us: a call goes before the status. @param {State} state */
  function render({ me, call, ui }) {
    const talking = call?.state === "active";
    paintAvatar(part(root, "avatar"), me);
    paintPresence(part(root, "presence"), talking ? "busy" : me.status === "available" ? "online" : me.status);
    part(root, "in-call").hidden = !talking;
    setAttribute(part(root, "network"), "aria-current", ui.screen === "network" ? "page" : null);
  }

  render(store.state);
  return store.subscribe((state, previous) => {
    if (state.me !== previous.me || state.call !== previous.call || state.ui.screen !== previous.ui.screen) render(state);
  });
}

/**
 * A field for the name and a choice of the status: Enter or leaving the field keeps a name, Escape brings the old one back.
 *
 * @param {HTMLInputElement} name
 * @param {HTMLSelectElement} status
 * @param {Context} context
 */
export function bindProfile(name, status, { store, intents }) {
  const show = (/** @type {Me} */ me) => {
    if (document.activeElement !== name) name.value = me.name;
    status.value = me.status;
  };
  name.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.preventDefault();
      name.value = store.state.me.name;
    }
    if ((event.key === "Enter" && !event.isComposing) || event.key === "Escape") name.blur();
  });
  name.addEventListener("blur", () => {
    intents.profile.rename(name.value);
    if (!name.value.trim()) name.value = store.state.me.name;
  });
  status.addEventListener("change", () => intents.profile.setStatus(/** @type {Me["status"]} */ (status.value)));
  show(store.state.me);
  store.subscribe((state, previous) => {
    if (state.me !== previous.me) show(state.me);
  });
}
