/**
 * Somebody calls: a dialog over everything, in every tab, until somebody answers.
 *
 * @import {Context} from "../main.js"
 * @import {Screen} from "../call_screen.js"
 * @import {Ringer} from "./ringer.js"
 */

import { paintAvatar } from "./avatar.js";
import { find, part, setAttribute, setIcon, setText } from "./dom.js";
import { paintMarks } from "./marks.js";

/** @param {HTMLElement} root @param {Context} context @param {Ringer} ringer @returns {(screen: Screen) => void} */
export function mountIncoming(root, { store, intents: { calls } }, ringer) {
  const dialog = /** @type {HTMLDialogElement} */ (part(root, "incoming"));
  const silence = part(dialog, "silence");
  /** @type {Screen["call"]} */
  let call = null;

  const hush = () => {
    ringer.silence();
    silence.hidden = true;
  };
  const answer = (/** @type {string} */ name, /** @type {(call: NonNullable<Screen["call"]>) => unknown} */ act) =>
    part(dialog, name).addEventListener("click", () => call && act(call));
  answer("decline", (it) => calls.reject(it));
  answer("accept-audio", (it) => calls.accept(it, { video: false }));
  answer("accept-video", (it) => calls.accept(it, { video: true }));
  silence.addEventListener("click", hush);
  // Escape makes it quiet. It is too easily pressed to turn somebody away with it.
  dialog.addEventListener("keydown", (event) => event.key === "Escape" && hush());
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  dialog.addEventListener("close", () => call && dialog.showModal());

  return (screen) => {
    const before = call?.id;
    call = screen.kind === "incoming" ? screen.call : null;
    if (!call) return dialog.open ? dialog.close() : undefined;
    if (call.id !== before) silence.hidden = !store.state.preferences.sounds;
    fill(dialog, screen, store.state.people.get(call.person)?.machine ?? "", calls.reason);
    if (!dialog.open) dialog.showModal();
  };
}

/** @param {HTMLElement} dialog @param {Screen} screen @param {string} machine @param {string | null} problem */
function fill(dialog, screen, machine, problem) {
  const { call, person, name, key, caution, warning } = screen;
  paintMarks(dialog, screen);
  paintAvatar(part(dialog, "avatar"), { id: person, name });
  setText(part(dialog, "incoming-name"), name);
  setText(part(dialog, "incoming-key"), key);
  setAttribute(dialog, "data-odd", caution.sign === "warning" && Boolean(warning));
  part(dialog, "incoming-warning").hidden = !warning;
  setIcon(find(part(dialog, "incoming-warning"), "svg"), caution.sign);
  setText(part(dialog, "incoming-warning-words"), warning);
  const kind = call?.offered.video ? "Video call" : "Audio call";
  setText(part(dialog, "incoming-words"), machine ? `${kind} · ${machine}` : kind);
  setText(part(dialog, "incoming-problem"), problem ?? "");
  part(dialog, "incoming-problem").hidden = !problem;
  part(dialog, "accept-audio").hidden = problem !== null;
  part(dialog, "accept-video").hidden = problem !== null;
}
