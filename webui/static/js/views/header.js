/**
 * Who the conversation is with, how they are present, and what one can do: call, verify, block, forget.
 *
 * @import {Context} from "../main.js"
 * @import {Open} from "./conversation.js"
 */

import { caution, presenceWords, shortKey, tellingKey } from "../person.js";
import { lastSeenWords } from "../time.js";
import { paintAvatar, paintPresence } from "./avatar.js";
import { paintCallButtons } from "./call_buttons.js";
import { asking } from "./confirm.js";
import { find, part, setAttribute, setIcon, setText } from "./dom.js";
import { paintMarks } from "./marks.js";

/** @param {HTMLElement} root @param {Context} context @returns {(open: Open) => void} */
export function mountHeader(root, context) {
  const { store, intents } = context;
  const header = /** @type {HTMLElement} */ (root.querySelector(".conversation-header"));
  const selected = () => store.state.ui.selected ?? "";
  const menu = part(header, "menu");
  const act = asking(context);

  part(header, "back").addEventListener("click", () => back(intents, selected()));
  part(header, "audio").addEventListener("click", () => intents.calls.start(selected(), { video: false }));
  part(header, "video").addEventListener("click", () => intents.calls.start(selected(), { video: true }));
  part(header, "verify").addEventListener("click", () => intents.verify.open(selected()));
  part(menu, "verify-too").addEventListener("click", () => {
    menu.hidePopover();
    intents.verify.open(selected());
  });
  for (const choice of /** @type {const} */ (["block", "unblock", "forget"])) {
    part(menu, choice).addEventListener("click", () => {
      menu.hidePopover();
      act[choice](selected());
    });
  }

  return ({ person, conversation, state }) => {
    paintAvatar(part(header, "avatar"), person);
    paintPresence(part(header, "presence"), person.relation === "blocked" ? "blocked" : person.presence);
    setText(part(header, "name"), person.name);
    paintMarks(header, { verified: person.verified, caution: caution(person) });
    setAttribute(header, "data-verified", person.verified);
    setAttribute(header, "data-keyed", Boolean(tellingKey(person)));
    setIcon(find(part(header, "verify"), "svg"), person.verified ? "shield-check" : "shield");
    setText(part(header, "subtitle"), subtitle(person, conversation));
    setAttribute(part(header, "subtitle"), "data-typing", conversation.typing);
    setText(part(menu, "key"), shortKey(person.id));
    part(menu, "block").hidden = person.relation === "blocked";
    part(menu, "unblock").hidden = person.relation !== "blocked";
    part(menu, "forget").hidden = !["contact", "blocked"].includes(person.relation);
    for (const name of ["audio", "video", "verify", "verify-too"]) part(header, name).hidden = person.relation !== "contact";
    paintCallButtons(header, person, state, intents.calls);
    part(root, "reason").hidden = !person.reason || person.relation === "blocked";
    setText(part(root, "reason-words"), person.reason ?? "");
  };
}

/** @param {Open["person"]} person @param {Open["conversation"]} conversation */
function subtitle(person, conversation) {
  if (conversation.typing && person.relation === "contact") return "typing…";
  const seen = person.presence === "offline" && person.last_seen ? `Last seen ${lastSeenWords(person.last_seen, Date.now())}` : "";
  // Until our person has agreed to the name, a banner says so.
  const settled = person.notices.some((notice) => notice.settled);
  const [hint, machine] = settled ? ["Not the one you verified", ""] : ["", person.machine];
  return [hint, tellingKey(person), seen || presenceWords(person), machine].filter(Boolean).join(" · ");
}

/** Back to the list, and to the row one came from. @param {Context["intents"]} intents @param {string} person */
function back(intents, person) {
  intents.route.close();
  /** @type {HTMLElement | null} */ (document.querySelector(`[data-person="${person}"] .person-link`))?.focus();
}
