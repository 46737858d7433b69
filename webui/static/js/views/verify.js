/**
 * The dialog in which one verifies a person. What it says stands in verify_screen.js.
 *
 * @import {Context} from "../main.js"
 * @import {Action, VerifyScreen} from "../verify_screen.js"
 * @import {Who} from "../call_screen.js"
 * @import {Person} from "../messages.js"
 * @import {State, Verify} from "../state.js"
 */

import { whoIs } from "../call_screen.js";
import { isLinked, shortKey } from "../person.js";
import { verifyScreen } from "../verify_screen.js";
import { paintAvatar } from "./avatar.js";
import { asking } from "./confirm.js";
import { clone, find, part, reconcile, setAttribute, setText } from "./dom.js";
import { mountCamera } from "./verify_camera.js";

/** @type {readonly Action[]} */
const ACTIONS = ["block", "remove", "decline", "cancel", "no", "differ", "back", "later", "instead", "again", "rescan", "close", "accept", "yes", "match"];
/** The one that the keyboard finds first. @type {Partial<Record<VerifyScreen["face"], string>>} */
const FIRST = { choose: "compare" };

/** @param {HTMLElement} root the dialog @param {Context} context */
export function mountVerify(root, context) {
  const { store, intents } = context;
  const dialog = /** @type {HTMLDialogElement} */ (root);
  const camera = mountCamera(root, context);
  let shown = "";

  bind(dialog, context);

  /** @param {State} state */
  function render(state) {
    const { ui: { verify }, people, comparison, connected } = state;
    const person = people.get(verify?.person ?? "");
    const open = verify !== null && person?.relation === "contact";
    camera(open && verify.way === "scan" && !verify.over && comparison?.person !== person.id);
    if (!open) {
      shown = "";
      if (dialog.open) dialog.close();
      return;
    }
    const screen = verifyScreen(person, comparison?.person === person.id ? comparison : null, verify);
    paint(dialog, screen, person, verify, connected);
    paintWho(dialog, screen, whoIs(person.id, state));
    if (!dialog.open) dialog.showModal();
    const now = `${screen.face} ${screen.title}`;
    if (now !== shown) /** @type {HTMLElement} */ (FIRST[screen.face] ? part(dialog, FIRST[screen.face] ?? "") : find(dialog, "h1")).focus();
    shown = now;
  }

  render(store.state);
  return store.subscribe((state, previous) => {
    const same = state.comparison === previous.comparison && state.people === previous.people && state.connected === previous.connected;
    if (!same || state.ui.verify !== previous.ui.verify) render(state);
  });
}

/** @param {HTMLDialogElement} dialog @param {Context} context */
function bind(dialog, context) {
  const { store, intents } = context;
  const { verify } = intents;
  const act = asking(context);
  const person = () => store.state.ui.verify?.person ?? "";
  /** @type {Record<Action | "compare" | "scan" | "show", () => unknown>} */
  const does = {
    compare: () => verify.compare(),
    instead: () => verify.compare(),
    scan: () => verify.choose("scan"),
    show: () => verify.choose("show"),
    rescan: () => verify.choose("scan"),
    back: () => verify.choose("choose"),
    again: () => verify.choose("choose"),
    accept: () => verify.accept(),
    decline: () => verify.cancel(),
    cancel: () => verify.cancel(),
    match: () => verify.answer(true),
    yes: () => verify.answer(true),
    differ: () => verify.answer(false),
    no: () => verify.answer(false),
    close: () => verify.close(),
    later: () => verify.close(),
    remove: () => act.distrust(person()),
    block: () => act.block(person()),
  };
  for (const [name, run] of Object.entries(does)) part(dialog, name).addEventListener("click", run);
  part(dialog, "leave").addEventListener("click", () => verify.close());
  // By the Escape key, say. It comes late: the dialog may be open again by now.
  dialog.addEventListener("close", () => dialog.open || verify.close());
  dialog.addEventListener("click", ({ target }) => target === dialog && verify.close());
}

/** @param {HTMLElement} dialog @param {VerifyScreen} screen @param {Person} person @param {Verify} verify @param {boolean} connected */
function paint(dialog, { face, title, words, actions, signs }, person, verify, connected) {
  setAttribute(dialog, "data-face", face);
  paintAvatar(part(dialog, "avatar"), person);
  setText(part(dialog, "title"), title);
  paintWords(part(dialog, "words"), words);
  setText(part(dialog, "key"), shortKey(person.id));
  part(dialog, "ways").hidden = face !== "choose";
  part(dialog, "key-line").hidden = !["choose", "verified"].includes(face);
  for (const name of ["compare", "scan", "show"]) {
    /** @type {HTMLButtonElement} */ (part(dialog, name)).disabled = !connected || !isLinked(person);
  }
  paintSigns(part(dialog, "signs"), signs);
  paintCode(dialog, face === "show" ? verify.code : null);
  const problem = verify.over ? "" : verify.problem;
  part(dialog, "problem").hidden = !problem;
  setText(part(dialog, "problem-words"), problem);
  part(dialog, "actions").hidden = actions.length === 0;
  for (const name of ACTIONS) part(dialog, name).hidden = !actions.includes(name);
  // After an alarm this is what one had better do.
  for (const name of ["again", "rescan"]) part(dialog, name).classList.toggle("primary", face === "alarm");
}

/** What is odd about the name goes with every step that could end in trust. @param {HTMLElement} dialog @param {VerifyScreen} screen @param {Who} who */
function paintWho(dialog, { face }, { key, warning }) {
  const shown = key && ["choose", "question", "wait", "signs", "show", "scan"].includes(face) ? warning : "";
  part(dialog, "warning").hidden = !shown;
  setText(part(dialog, "warning-words"), shown);
}

/** @param {HTMLElement} list @param {string[]} words */
function paintWords(list, words) {
  if ([...list.children].map(({ textContent }) => textContent).join("\n") === words.join("\n")) return;
  list.replaceChildren(
    ...words.map((text) => {
      const paragraph = document.createElement("p");
      paragraph.textContent = text;
      return paragraph;
    }),
  );
}

/** @param {HTMLElement} list @param {VerifyScreen["signs"]} signs */
function paintSigns(list, signs) {
  list.hidden = signs.length === 0;
  const elements = new Map([...list.children].map((each, index) => [String(index), /** @type {HTMLElement} */ (each)]));
  reconcile(list, elements, signs.map((sign, index) => ({ ...sign, index })), {
    key: ({ index }) => String(index),
    make: () => clone("verify-sign"),
    update: (element, { picture, word }) => {
      setText(part(element, "picture"), picture);
      setText(part(element, "word"), word);
    },
  });
}

/** @param {HTMLElement} dialog @param {Verify["code"]} code */
function paintCode(dialog, code) {
  const svg = part(dialog, "code");
  setAttribute(svg, "hidden", code === null);
  if (!code) return;
  setAttribute(svg, "viewBox", `0 0 ${code.size} ${code.size}`);
  setAttribute(find(svg, "path"), "d", code.path);
}
