/**
 * The tab's title: who calls, or whose conversation is open or that it is the network, and how many messages are unread; and the theme and the width, which are told to the style sheets.
 *
 * @import {Context} from "../main.js"
 * @import {State} from "../state.js"
 */

import { ringsHere, whoIs } from "../call_screen.js";
import { find, setAttribute } from "./dom.js";

/** @param {Context} context */
export function mountTitle({ store }) {
  const app = find(document, "#app");

  /** @param {State} state */
  function render(state) {
    const { conversations, people, ui, preferences, comparison, call } = state;
    const invited = comparison?.state === "asking" ? 1 : 0;
    const heard = [...conversations].filter(([person]) => people.get(person)?.relation !== "blocked");
    const unread = heard.reduce((sum, [, conversation]) => sum + conversation.unread, 0);
    const asked = [...people.values()].filter(({ relation, held }) => relation === "incoming" && !held).length;
    const name = ui.screen === "network" ? "Network" : people.get(ui.selected ?? "")?.name;
    const news = unread + asked + invited;
    const first = call && ringsHere(call) ? `${whoIs(call.person, state).title} is calling` : name;
    document.title = `${news > 0 ? `(${news}) ` : ""}${first ? `${first} – ` : ""}LanChat`;
    setAttribute(app, "data-view", ui.selected === null && ui.screen === "people" ? "list" : "conversation");
    setAttribute(document.documentElement, "data-theme", preferences.theme === "system" ? null : preferences.theme);
  }

  render(store.state);
  return store.subscribe((state) => render(state));
}
