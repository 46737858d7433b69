/**
 * Every change of the page's state is made here: the daemon's events as they come, and the page's own `ui/…`.
 *
 * Pure: no clock, no DOM, no socket. An action that is not known changes nothing. `heard` in an event of the daemon is when it came.
 *
 * @import {Action, Conversation, Entry, RequestAnswer, State, Ui} from "./state.js"
 * @import {Comparison, Person, Snapshot} from "./messages.js"
 */

import { EMPTY } from "./state.js";
import { addEntry, firstUnread, keep, keptUnread, keyOf, mark, seenUntil, withOurs } from "./entries.js";

/**
 * @param {State} state
 * @param {Action} action
 * @returns {State}
 */
export function reduce(state, action) {
  const handler = HANDLERS[action.event];
  return handler ? handler(state, action) : state;
}

/** @type {Record<string, (state: State, action: any) => State>} */
const HANDLERS = {
  snapshot,
  online_users_list: (state, { people }) => ({ ...state, people: byId(people) }),
  person_changed: (state, { person, heard }) => putPerson(note(state, person, heard), person),
  person_removed: removePerson,
  profile_changed: (state, { me }) => ({ ...state, me }),
  desktop_changed: (state, { desktop }) => ({ ...state, desktop }),
  preferences_changed: (state, { preferences }) => ({ ...state, shared: preferences }),
  incoming_chat_request: (state, { person }) => setAnswer(putPerson(state, person), person.id, null),
  chat_request_accepted: (state, { person }) => setAnswer(state, person, null),
  chat_request_rejected: (state, { person, mine, reason }) =>
    setAnswer(state, person, reason === (mine ? "cancelled" : "declined") ? null : { mine, reason }),

  receive_private_message: receiveEntry,
  message_status: (state, { person, ids, status }) =>
    changeEntries(state, person, (entry) => (entry.kind === "text" && entry.mine && ids.includes(entry.id) ? mark({ ...entry, status }, {}) : entry)),
  conversation_seen: (state, { person, unread }) =>
    patchConversation(state, person, { unread: unread + keptUnread(of(state, person).entries) }),
  typing: (state, { person, active }) => patchConversation(state, person, { typing: active }),

  incoming_call: setCall,
  call_started: setCall,
  call_accepted: setCall,
  call_changed: setCall,
  call_rejected: endCall,
  call_ended: endCall,

  comparison_changed: (state, { comparison }) => ({ ...openOn(state, comparison), comparison }),
  comparison_ended: endComparison,

  "ui/connection": (state, { connected }) => ({
    ...state,
    connected,
    ui: { ...state.ui, everConnected: state.ui.everConnected || connected },
  }),
  "ui/attention": (state, { attentive }) => patchUi(state, { attentive }),
  "ui/select": select,
  "ui/network": (state, { network }) => patchUi(state, { network: { ...state.ui.network, ...network } }),
  "ui/filter": (state, { text }) => patchUi(state, { filter: text }),
  "ui/draft": (state, { person, text }) => patchConversation(state, person, { draft: text }),
  "ui/submit": (state, { person, entry }) =>
    patchConversation(state, person, { ...addEntry(of(state, person), { ...entry, pending: true }), draft: "", unreadFrom: null }),
  "ui/refused": (state, { person, id, problem }) =>
    changeEntries(state, person, (entry) => (isOurs(entry, id) ? mark(entry, { problem }) : entry)),
  "ui/retry": (state, { person, id }) =>
    changeEntries(state, person, (entry) => (isOurs(entry, id) ? mark(entry, { pending: true }) : entry)),
  "ui/discard": (state, { person, id }) =>
    patchConversation(state, person, { entries: of(state, person).entries.filter((entry) => !isOurs(entry, id)) }),
  "ui/seen": (state, { person, id }) => patchConversation(state, person, seenUntil(of(state, person), id)),
  "ui/notice": (state, { notice }) => patchUi(state, { notices: [...state.ui.notices, notice].slice(-3) }),
  "ui/notice_gone": (state, { id }) => patchUi(state, { notices: state.ui.notices.filter((notice) => notice.id !== id) }),
  "ui/preferences": (state, { preferences }) => ({ ...state, preferences: { ...state.preferences, ...preferences } }),
  "ui/call": (state, { call }) => patchUi(state, { call: { ...state.ui.call, ...call } }),
  "ui/verify": (state, { verify }) => patchUi(state, { verify: verify && { ...NOT_VERIFYING, ...state.ui.verify, ...verify } }),
};

/**
 * Everything anew; what only this tab has (drafts, messages that the daemon has not confirmed, and the words with contacts
 * from before the daemon started anew) is kept.
 *
 * @param {State} state
 * @param {Snapshot} event
 * @returns {State}
 */
function snapshot(state, event) {
  const people = byId(event.people);
  const restarted = state.run !== null && state.run !== event.run;
  const told = new Map(event.conversations.map((conversation) => [conversation.person, conversation]));
  /** @type {Map<string, Conversation>} */
  const conversations = new Map();
  for (const person of new Set([...told.keys(), ...state.conversations.keys()])) {
    const before = memory(of(state, person), people.get(person), restarted);
    const { entries, unread } = withOurs(told.get(person) ?? EMPTY, before);
    if (told.has(person) || entries.length > 0 || before.draft || before.notes.length > 0) conversations.set(person, { ...before, entries, unread, typing: false });
  }
  const comparison = event.comparison ?? null;
  return {
    ...state,
    run: event.run,
    comparison,
    desktop: event.desktop,
    shared: event.preferences,
    ui: { ...state.ui, selected: people.has(state.ui.selected ?? "") ? state.ui.selected : null, verify: lost(state, comparison) ? { ...NOT_VERIFYING, ...state.ui.verify, over: "peer_gone" } : state.ui.verify },
    tab: event.tab,
    version: event.version,
    me: event.me,
    people,
    conversations,
    call: event.call ?? null,
    iceServers: /** @type {RTCIceServer[]} */ (/** @type {unknown} */ (event.ice_servers)),
  };
}

/**
 * What the page remembers of a conversation. After a restart of the daemon that is all that there is of it; but whoever
 * was forgotten meanwhile, in another tab, stays forgotten.
 *
 * @param {Conversation} conversation
 * @param {Person | undefined} person
 * @param {boolean} restarted
 * @returns {Conversation}
 */
function memory(conversation, person, restarted) {
  const contact = person?.relation === "contact";
  if (contact || person?.relation === "blocked") return restarted ? keep(conversation, contact) : conversation;
  return { ...conversation, notes: [], entries: conversation.entries.filter(({ kept }) => !kept) };
}

/** @param {State} state @param {{person: string, entry: Entry}} event @returns {State} */
function receiveEntry(state, { person, entry }) {
  const before = of(state, person);
  const known = before.entries.some((each) => keyOf(each) === keyOf(entry));
  const after = addEntry(before, entry);
  const theirs = entry.kind === "text" && !entry.mine && !known;
  if (!theirs) return patchConversation(state, person, after);
  const watched = state.ui.attentive && state.ui.selected === person;
  const unreadFrom = before.unreadFrom ?? (watched || before.unread > 0 ? null : entry.id);
  return patchConversation(state, person, { ...after, unread: before.unread + 1, typing: false, unreadFrom });
}

/** @param {State} state @param {{person: string | null, screen?: Ui["screen"]}} action @returns {State} */
function select(state, { person, screen = "people" }) {
  const left = state.ui.selected;
  if (left === person) return screen === state.ui.screen ? state : patchUi(state, { screen });
  let next = patchUi(state, { selected: person, screen });
  if (left !== null && state.conversations.has(left)) next = patchConversation(next, left, { unreadFrom: null });
  if (person === null || !state.conversations.has(person)) return next;
  return patchConversation(next, person, { unreadFrom: firstUnread(of(state, person)) });
}

/** @param {State} state @param {{person: string}} event @returns {State} */
function removePerson(state, { person }) {
  const people = new Map(state.people);
  const conversations = new Map(state.conversations);
  people.delete(person);
  conversations.delete(person);
  const selected = state.ui.selected === person ? null : state.ui.selected;
  return { ...setAnswer(state, person, null), people, conversations, ui: { ...state.ui, selected } };
}

/** @param {State} state @param {{call: import("./messages.js").Call}} event @returns {State} */
function setCall(state, { call }) {
  return { ...state, call };
}

/** @param {State} state @param {{call: string}} event @returns {State} */
function endCall(state, { call }) {
  return state.call?.id === call ? { ...state, call: null } : state;
}

/** @type {import("./state.js").Verify} */
const NOT_VERIFYING = { person: "", way: "choose", code: null, problem: "", over: null, mine: false, scanned: false };

/** A new comparison goes before how the last one ended. @param {State} state @param {Comparison} comparison @returns {State} */
function openOn(state, { id, person }) {
  const { verify } = state.ui;
  if (verify?.person !== person || state.comparison?.id === id) return state;
  return patchUi(state, { verify: { ...verify, over: null, problem: "" } });
}

/** @param {State} state @param {import("./messages.js").ComparisonEnded} event @returns {State} */
function endComparison(state, { comparison, person, outcome, mine }) {
  const next = state.comparison?.id === comparison ? { ...state, comparison: null } : state;
  const { verify } = state.ui;
  if (mine && (outcome === "cancelled" || outcome === "declined")) return verify?.person === person ? patchUi(next, { verify: null }) : next;
  // Whoever looks at it is told there; that somebody may sit between the two is told in every tab.
  if (verify?.person !== person && outcome !== "mismatch" && outcome !== "broken") return next;
  return patchUi(next, { verify: { ...NOT_VERIFYING, person, over: outcome, mine } });
}

/** Whether what one looked at has gone with the daemon. @param {State} state @param {Comparison | null} now */
function lost({ comparison, ui }, now) {
  return comparison !== null && comparison.id !== now?.id && ui.verify?.person === comparison.person;
}

/** @param {Entry} entry @param {string} id */
function isOurs(entry, id) {
  return entry.kind === "text" && entry.mine && entry.id === id;
}

/** @param {State} state @param {string} person @returns {Conversation} */
function of(state, person) {
  return state.conversations.get(person) ?? EMPTY;
}

/** @param {State} state @param {string} person @param {Partial<Conversation>} patch @returns {State} */
function patchConversation(state, person, patch) {
  const conversations = new Map(state.conversations);
  conversations.set(person, { ...of(state, person), ...patch });
  return { ...state, conversations };
}

/** @param {State} state @param {string} person @param {(entry: Entry) => Entry} change @returns {State} */
function changeEntries(state, person, change) {
  if (!state.conversations.has(person)) return state;
  return patchConversation(state, person, { entries: of(state, person).entries.map(change) });
}

/** @param {State} state @param {Partial<Ui>} patch @returns {State} */
function patchUi(state, patch) {
  return { ...state, ui: { ...state.ui, ...patch } };
}

/** A contact has become verified, or is so no more: a line of the conversation. @param {State} state @param {Person} person @param {number} heard */
function note(state, person, heard) {
  const before = state.people.get(person.id);
  if (before?.relation !== "contact" || person.relation !== "contact" || before.verified === person.verified) return state;
  /** @type {import("./state.js").Note} */
  const news = { at: heard, kind: person.verified ? "verified" : "distrusted" };
  return patchConversation(state, person.id, { notes: [...of(state, person.id).notes, news] });
}

/** @param {State} state @param {Person} person @returns {State} */
function putPerson(state, person) {
  return { ...state, people: new Map(state.people).set(person.id, person) };
}

/** @param {State} state @param {string} person @param {RequestAnswer | null} answer @returns {State} */
function setAnswer(state, person, answer) {
  const answers = new Map(state.ui.answers);
  if (answer) answers.set(person, answer);
  else answers.delete(person);
  return patchUi(state, { answers });
}

/** @param {Person[]} people */
function byId(people) {
  return new Map(people.map((person) => [person.id, person]));
}
