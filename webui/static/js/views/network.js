/**
 * The network screen: what was found, a picture of who is linked, everybody in a list, and what this machine announces.
 *
 * @import {Context} from "../main.js"
 * @import {Finding} from "../network.js"
 * @import {Network, State} from "../state.js"
 */

import { companyWords, keyed, others, verdict } from "../network.js";
import { clock } from "../time.js";
import { clone, part, reconcile, setAttribute, setText } from "./dom.js";
import { paintOthers, paintWays } from "./network_lists.js";
import { mountPicture } from "./network_picture.js";

const SEVERITIES = { problem: "Problem", warning: "Warning", note: "Good to know" };
const COPIED = 2500;

/** @param {HTMLElement} root @param {Context} context */
export function mountNetwork(root, { store, intents }) {
  const look = /** @type {HTMLButtonElement} */ (part(root, "look"));
  const picture = mountPicture(part(root, "frame"), (key) => showRow(part(root, "list"), key));
  const lists = paintOthers(part(root, "list"));
  const ways = paintWays(part(root, "ways"));
  const findings = mountFindings(part(root, "findings"), part(root, "copied"), () => intents.network.expect());

  part(root, "back").addEventListener("click", () => intents.route.close());
  look.addEventListener("click", () => look.ariaDisabled === "true" || void intents.network.look());

  /** @param {State} state */
  function render(state) {
    const { network } = state.ui;
    const { daemon, examination } = network;
    const all = others(daemon?.peers ?? [], state.people);
    const words = daemon ? companyWords(all, daemon.links) : "";
    // One answer that does not come may be an accident.
    setAttribute(root, "data-away", !state.connected || network.missed > 1);
    // It keeps the focus while it can't be pressed.
    setAttribute(look, "aria-disabled", network.looking || !state.connected ? "true" : null);
    setAttribute(look, "data-looking", network.looking);
    setText(part(root, "company"), network.at && (!state.connected || network.missed > 0) ? `As of ${clock(network.at)}: ${words}` : words);
    paintVerdict(root, network, { connected: state.connected, alone: !all.some((each) => each.state === "linked") });
    findings(examination?.findings ?? []);
    picture(state.me, all, words);
    lists(all);
    for (const about of ["others", "own"]) part(root, about).hidden = daemon === null;
    if (!daemon) return;
    part(root, "none").hidden = all.length > 0;
    ways(examination ? { machine: examination.machine, daemon } : null);
    part(root, "announced").hidden = daemon.discovery_problem !== null;
    part(root, "silent").hidden = daemon.discovery_problem === null;
    setText(part(root, "silent-why"), daemon.discovery_problem ?? "");
    setText(part(root, "own-name"), daemon.name);
    setText(part(root, "own-port"), String(daemon.peer_port));
  }

  /** @param {State} state @param {State} previous */
  function show(state, previous) {
    root.hidden = state.ui.screen !== "network";
    if (root.hidden) return;
    render(state);
    if (previous.ui.screen !== "network") part(root, "title").focus({ preventScroll: true });
  }

  root.hidden = store.state.ui.screen !== "network";
  return store.subscribe((state, previous) => {
    const same = state.ui.network === previous.ui.network && state.people === previous.people && state.me === previous.me;
    if (!same || state.ui.screen !== previous.ui.screen || state.connected !== previous.connected) show(state, previous);
  });
}

/** Whom one has pressed in the picture. @param {HTMLElement} list @param {string} key */
function showRow(list, key) {
  const row = /** @type {HTMLElement | undefined} */ ([...list.children].find((each) => /** @type {HTMLElement} */ (each).dataset["key"] === key));
  row?.scrollIntoView({ block: "center" });
  row?.focus({ preventScroll: true });
}

/** @param {HTMLElement} root @param {Network} network @param {{connected: boolean, alone: boolean}} how */
function paintVerdict(root, { examination, looked, looking, failed }, { connected, alone }) {
  const found = examination ? verdict(examination.findings) : failed ? "warning" : "looking";
  setAttribute(part(root, "verdict"), "data-verdict", found);
  setText(part(root, "verdict-title"), title(found, examination?.summary ?? "", alone));
  const at = looked ? `Looked at ${clock(looked)}.` : "";
  const now = looking ? (examination ? "Looking again." : "This takes about two seconds.") : "";
  const words = failed ? "LanChat could not look this time. Look again, or run lanchatd doctor in a terminal." : now || at;
  setText(part(root, "verdict-words"), connected ? words : [at, "This is how it was then."].filter(Boolean).join(" "));
}

/** @param {string} found @param {string} summary @param {boolean} alone */
function title(found, summary, alone) {
  if (found === "looking") return "Looking at this machine and its network";
  if (found === "well") return alone ? "All is well, and nobody else is here yet" : "All is well";
  return summary || "Nothing is known yet";
}

/**
 * @param {HTMLElement} list
 * @param {HTMLElement} status where the screen reader hears of what was copied
 * @param {() => void} copied
 * @returns {(findings: Finding[]) => void}
 */
function mountFindings(list, status, copied) {
  /** @type {Map<string, HTMLElement>} */
  const elements = new Map();
  list.addEventListener("click", ({ target }) => {
    const button = /** @type {Element} */ (target).closest("button");
    if (!button) return;
    void copy(/** @type {HTMLElement} */ (button.parentElement), status);
    copied();
  });

  return (findings) => {
    list.hidden = findings.length === 0;
    reconcile(list, elements, keyed(findings), {
      key: ({ key }) => key,
      make: () => clone("network-finding"),
      update: (element, { finding }) => updateFinding(element, finding),
    });
  };
}

/** @param {HTMLElement} element @param {Finding} finding */
function updateFinding(element, { severity, sentence, step, command }) {
  setAttribute(element, "data-severity", severity);
  setText(part(element, "severity"), SEVERITIES[severity]);
  setText(part(element, "sentence"), sentence);
  setText(part(element, "step"), step);
  part(element, "step").hidden = step === "";
  part(element, "command-box").hidden = command === null;
  setText(part(element, "command"), command ?? "");
  setAttribute(part(element, "copy"), "aria-label", `Copy ${command ?? ""}`);
}

/** Copies the command, or where the browser does not allow that, selects it. @param {HTMLElement} box @param {HTMLElement} status */
async function copy(box, status) {
  const code = part(box, "command");
  const words = part(box, "copy-words");
  try {
    await navigator.clipboard.writeText(code.textContent ?? "");
    setText(words, "Copied");
    setText(status, "The command is in the clipboard.");
  } catch {
    getSelection()?.selectAllChildren(code);
    setText(words, "Press Ctrl+C");
    setText(status, "The command is selected: press Ctrl+C to copy it.");
  }
  setTimeout(() => {
    setText(words, "Copy");
    setText(status, "");
  }, COPIED);
}
