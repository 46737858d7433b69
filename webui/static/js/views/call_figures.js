/**
 * How good the connection is: a mark in one word, and the figures behind it.
 *
 * @import {Screen} from "../call_screen.js"
 */

import { figureLines, MARKS, trustLines } from "../call_screen.js";
import { clone, part, reconcile, setAttribute, setText } from "./dom.js";

/** @param {HTMLElement} stage @returns {(screen: Screen) => void} */
export function mountFigures(stage) {
  const mark = part(stage, "quality");
  const list = part(stage, "figure-list");
  /** @type {Map<string, HTMLElement>} */
  const lines = new Map();

  return ({ call, live, verified }) => {
    const quality = live?.quality ?? null;
    mark.hidden = quality === null || quality.mark === "unknown" || call?.state !== "active";
    if (!quality) return;
    const shown = live?.session === "connected" ? quality.mark : "poor";
    setAttribute(mark, "data-mark", shown);
    setAttribute(mark, "aria-label", `Connection: ${MARKS[shown]}. Show the figures.`);
    setText(part(mark, "quality-words"), MARKS[shown]);
    setText(part(stage, "figures-title"), `Connection: ${MARKS[shown].toLowerCase()}`);
    reconcile(list, lines, [...figureLines(quality), ...trustLines(verified, quality.keys)], {
      key: ([name]) => name,
      make: () => clone("call-figure"),
      update: (line, [name, value]) => {
        setText(part(line, "figure-name"), name);
        setText(part(line, "figure-value"), value);
      },
    });
  };
}
