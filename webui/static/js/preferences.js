/**
 * What the browser remembers for this page: how it looks and sounds, and which devices it uses. Never words.
 *
 * @import {Preferences} from "./state.js"
 */

import { DEFAULTS } from "./state.js";

const KEY = "lanchat.preferences";

/** @returns {Preferences} the defaults for what is missing or damaged */
export function loadPreferences() {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    const known = Object.entries(DEFAULTS).filter(([name, value]) => typeof stored[name] === typeof value);
    return { ...DEFAULTS, ...Object.fromEntries(known.map(([name]) => [name, stored[name]])) };
  } catch {
    return { ...DEFAULTS };
  }
}

/** @param {Preferences} preferences */
export function savePreferences(preferences) {
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // A browser that keeps nothing still works until it is closed.
  }
}
