/**
 * The settings dialog: who one is, how the page looks and sounds, devices, people.
 *
 * @import {Context} from "../main.js"
 * @import {Person} from "../messages.js"
 * @import {Preferences, State} from "../state.js"
 */

import { STATUS_NOTES } from "../intents/profile.js";
import { shortKey } from "../person.js";
import { paintAvatar } from "./avatar.js";
import { asking } from "./confirm.js";
import { mountDevices } from "./devices.js";
import { clone, part, reconcile, setAttribute, setText } from "./dom.js";
import { paintVerified } from "./marks.js";
import { bindProfile } from "./me.js";
import { mountNotifications } from "./settings_notifications.js";

/** @param {HTMLElement} root the dialog @param {Context} context */
export function mountSettings(root, context) {
  const { store, intents } = context;
  const dialog = /** @type {HTMLDialogElement} */ (root);
  const devices = mountDevices(root, context);
  bindProfile(
    /** @type {HTMLInputElement} */ (part(root, "name")),
    /** @type {HTMLSelectElement} */ (part(root, "status")),
    context,
  );
  for (const way of ["close", "network"]) part(root, way).addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", devices.stop);
  dialog.addEventListener("toggle", () => {
    if (!dialog.open) return;
    void devices.list();
    notifications(store.state);
  });
  bindTheme(root, intents);
  bindSounds(root, intents);
  const notifications = mountNotifications(root, context);
  const people = mountKnown(root, context);

  /** @param {State} state */
  function render({ me, preferences }) {
    paintAvatar(part(root, "avatar"), me);
    setText(part(root, "my-key"), shortKey(me.id));
    setText(part(root, "status-note"), STATUS_NOTES[me.status]);
    for (const choice of themes(root)) choice.checked = choice.value === preferences.theme;
    /** @type {HTMLInputElement} */ (part(root, "sounds")).checked = preferences.sounds;
  }

  render(store.state);
  people(store.state);
  notifications(store.state);
  return store.subscribe((state, previous) => {
    if (state.me !== previous.me || state.preferences !== previous.preferences) render(state);
    if (state.people !== previous.people) people(state);
    if (state.shared !== previous.shared || state.desktop !== previous.desktop) notifications(state);
  });
}

/** @param {HTMLElement} root */
function themes(root) {
  return /** @type {NodeListOf<HTMLInputElement>} */ (root.querySelectorAll('input[name="theme"]'));
}

/** @param {HTMLElement} root @param {Context["intents"]} intents */
function bindTheme(root, intents) {
  for (const choice of themes(root)) {
    choice.addEventListener("change", () => intents.profile.prefer({ theme: /** @type {Preferences["theme"]} */ (choice.value) }));
  }
}

/** @param {HTMLElement} root @param {Context["intents"]} intents */
function bindSounds(root, intents) {
  const sounds = /** @type {HTMLInputElement} */ (part(root, "sounds"));
  sounds.addEventListener("change", () => intents.profile.prefer({ sounds: sounds.checked }));
}

/** Everybody one has had to do with, to verify, to block or to forget. @param {HTMLElement} root @param {Context} context */
function mountKnown(root, context) {
  const act = asking(context);
  /** @type {Map<string, HTMLElement>} */
  const elements = new Map();
  const list = part(root, "people");
  list.addEventListener("click", (event) => {
    const button = /** @type {Element} */ (event.target).closest("button");
    const id = /** @type {HTMLElement | null} */ (button?.closest("li") ?? null)?.dataset["id"];
    if (!button || !id) return;
    if (button.dataset["part"] === "verify") context.intents.verify.open(id);
    else if (button.dataset["part"] === "forget") act.forget(id);
    else if (button.dataset["blocked"] === undefined) act.block(id);
    else act.unblock(id);
  });

  return (/** @type {State} */ { people }) => {
    const known = [...people.values()].filter(({ relation }) => ["contact", "blocked"].includes(relation));
    known.sort((one, other) => one.name.localeCompare(other.name));
    part(root, "no-people").hidden = known.length > 0;
    reconcile(list, elements, known, {
      key: ({ id }) => id,
      make: ({ id }) => withId(clone("settings-person"), id),
      update: updateKnown,
    });
  };
}

/** @param {HTMLElement} element @param {string} id */
function withId(element, id) {
  element.dataset["id"] = id;
  return element;
}

/** @param {HTMLElement} element @param {Person} person */
function updateKnown(element, person) {
  const blocked = person.relation === "blocked";
  const block = part(element, "block");
  paintAvatar(part(element, "avatar"), person);
  setText(part(element, "name"), person.name);
  setText(part(element, "origin"), [person.machine, shortKey(person.id), blocked ? "blocked" : ""].filter(Boolean).join(" · "));
  paintVerified(element, person.verified);
  part(element, "verify").hidden = blocked;
  setText(part(element, "verify"), "Verify");
  setAttribute(part(element, "verify"), "aria-label", `Verify ${person.name}`);
  setText(block, blocked ? "Unblock" : "Block");
  setAttribute(block, "data-blocked", blocked);
  setAttribute(block, "aria-label", `${blocked ? "Unblock" : "Block"} ${person.name}`);
  setText(part(element, "forget"), "Forget");
  setAttribute(part(element, "forget"), "aria-label", `Forget ${person.name}`);
}
