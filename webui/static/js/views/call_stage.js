/**
 * The stage: the other person fills it, one's own picture lies in a corner. While one reads, it is a small floating picture.
 *
 * @import {Context} from "../main.js"
 * @import {Screen} from "../call_screen.js"
 */

import { statusWords } from "../call_screen.js";
import { durationWords } from "../time.js";
import { paintAvatar } from "./avatar.js";
import { mountBar } from "./call_bar.js";
import { mountDevicePopover } from "./call_devices.js";
import { mountFigures } from "./call_figures.js";
import { mountNotes } from "./call_notes.js";
import { mountPictures } from "./call_pictures.js";
import { movable } from "./movable.js";
import { part, setAttribute, setText } from "./dom.js";
import { paintMarks } from "./marks.js";

const narrow = matchMedia("(width <= 45rem)");

/** @param {HTMLElement} root @param {Context} context @returns {(screen: Screen) => void} */
export function mountStage(root, context) {
  const { intents } = context;
  const stage = part(root, "stage");
  const size = stageSize(root, stage);
  const parts = [
    mountPictures(stage, context),
    mountBar(stage, context, size.toggle),
    mountNotes(stage, context),
    mountDevicePopover(stage, context),
    mountFigures(stage),
  ];
  const time = part(stage, "time");
  /** @type {Screen | null} */
  let shown = null;

  movable(part(stage, "own"), part(stage, "own-handle"));
  part(stage, "chat").addEventListener("click", () => {
    if (shown) intents.route.open(shown.person);
    size.set(true);
  });
  part(stage, "grow").addEventListener("click", () => size.set(false));
  // Whoever opens a conversation wants to read it.
  document.addEventListener("click", ({ target }) => {
    const row = target instanceof Element && target.closest('.person-link, .person [data-part="chat"]');
    if (row && shown) size.set(true);
  });
  setInterval(() => shown && setText(time, clockWords(shown)), 500);

  return (screen) => {
    const here = screen.kind === "stage" ? screen : null;
    const began = here !== null && shown === null;
    if (here === null && shown !== null) size.end();
    shown = here;
    stage.hidden = here === null;
    if (!here) return;
    paint(stage, here);
    for (const update of parts) update(here);
    if (began) size.begin();
  };
}

/** @param {HTMLElement} stage @param {Screen} screen */
function paint(stage, screen) {
  const { call, live, person, name, title } = screen;
  setText(part(stage, "title"), `Call with ${title}`);
  setAttribute(stage, "aria-label", `Call with ${title}`);
  const calling = call?.state !== "active" && call?.direction !== "incoming";
  setAttribute(stage, "data-phase", calling ? "calling" : (live?.session ?? "opening"));
  paintAvatar(part(part(stage, "voice"), "avatar"), { id: person, name });
  for (const each of ["name", "who"]) setText(part(stage, each), title);
  for (const each of ["stage-name", "stage-who"]) paintMarks(part(stage, each), screen);
  setText(part(stage, "status"), statusWords(screen));
  setText(part(stage, "time"), clockWords(screen));
  part(stage, "sharing").hidden = !live?.sending.screen;
  const muted = call?.state === "active" && call.peer_media?.microphone === false;
  setAttribute(stage, "data-peer-muted", muted);
  setText(part(stage, "muted-words"), muted ? "has switched the microphone off" : "");
}

/** @param {Screen} screen */
function clockWords({ call, live }) {
  if (!call?.accepted_at || live?.session === "opening") return "";
  return durationWords(Date.now() - call.accepted_at);
}

/**
 * Large, with what lies below out of reach, or small and floating.
 * @param {HTMLElement} root
 * @param {HTMLElement} stage
 */
function stageSize(root, stage) {
  let small = false;
  const covered = () => {
    const app = /** @type {HTMLElement} */ (root.parentElement);
    return [...app.children].filter((each) => each !== root && (narrow.matches ? !each.matches("h1") : each.matches("#main")));
  };
  const float = movable(stage, stage, { only: () => small });
  const apply = () => {
    setAttribute(stage, "data-size", small ? "small" : "large");
    if (!small) float.reset();
    const large = !small && !stage.hidden;
    for (const each of root.parentElement?.children ?? []) {
      if (each !== root) /** @type {HTMLElement} */ (each).inert = large && covered().includes(each);
    }
  };
  const set = (/** @type {boolean} */ wanted) => {
    if (document.fullscreenElement === stage) void document.exitFullscreen();
    small = wanted;
    apply();
    if (!small) stage.focus({ preventScroll: true });
    else /** @type {HTMLElement | null} */ (document.querySelector("#composer"))?.focus();
  };
  narrow.addEventListener("change", apply);
  return { set, toggle: () => set(!small), begin: () => set(false), end: () => ((small = false), (stage.hidden = true), apply()) };
}
