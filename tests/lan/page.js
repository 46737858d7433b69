// The page without its picture: the very modules that the browser runs, run by Node on a machine. It obeys JSON lines on
// standard input, and tells on standard output what a person would see. All conversations are open and looked at.

import { webcrypto } from "node:crypto";
import { createInterface } from "node:readline";

import WebSocket from "ws";

import { createChat } from "../../webui/static/js/intents/chat.js";
import { reduce } from "../../webui/static/js/reducer.js";
import { createSocket } from "../../webui/static/js/socket.js";
import { DEFAULTS, firstState } from "../../webui/static/js/state.js";
import { createStore } from "../../webui/static/js/store.js";
import { Ledger } from "./ledger.js";

const LOOK = 40;
const TELL = 20;
const TAIL = 60;

/** An error that nobody listens to ends a program of Node's; "close" follows it, as in a browser. */
class BrowserSocket extends WebSocket {
  constructor(address) {
    super(address, { perMessageDeflate: false });
    this.on("error", () => {});
  }
}

globalThis.crypto ??= webcrypto;
Object.assign(globalThis, {
  WebSocket: BrowserSocket,
  addEventListener() {},
  document: { visibilityState: "hidden", addEventListener() {} },
  localStorage: {},
});

const [, , url = ""] = process.argv;
const snapshot = await embedded();
const store = createStore(firstState(snapshot, DEFAULTS), reduce);
const ledger = new Ledger();
store.dispatch(snapshot);
store.subscribe(({ conversations }, previous, action) => ledger.note(conversations, previous.conversations, action));

const socket = createSocket({
  url: new URL("/ws", url.replace(/^http/, "ws")).href,
  onEvent: handle,
  onStatus: (connected) => store.dispatch({ event: "ui/connection", connected }),
});
const chat = createChat({ socket, store });
store.dispatch({ event: "ui/attention", attentive: true });
store.subscribe(soon(tell, TELL));
store.subscribe(soon(look, LOOK));
let looking = true;

/** @type {Map<string, number>} how many numbered messages were written to each person */
const written = new Map();

const COMMANDS = {
  send: ({ person, text }) => chat.send(person, text),
  write({ person, last }) {
    for (let number = (written.get(person) ?? 0) + 1; number <= last; number++) chat.send(person, `#${number}`);
    written.set(person, last);
  },
  look(command) {
    looking = command.looking;
    look();
  },
  ledger: ({ ref }) => print({ ref, ledger: ledger.report(store.state.conversations) }),
};

createInterface({ input: process.stdin })
  .on("line", (line) => {
    const command = JSON.parse(line);
    COMMANDS[command.do](command);
  })
  .on("close", () => process.exit(0));
tell();

/** What the daemon has put into the page. */
async function embedded() {
  const html = await (await fetch(url)).text();
  return JSON.parse(/<script type="application\/json" id="snapshot">(.*?)<\/script>/su.exec(html)[1]);
}

/** As main.js does it. */
function handle(event) {
  store.dispatch(event);
  chat.handle(event);
}

/** Mark as seen what has come into view, as the log does. */
function look() {
  if (!looking) return;
  for (const [person, { entries, unread }] of store.state.conversations) {
    if (unread === 0 || store.state.people.get(person)?.relation !== "contact") continue;
    const last = entries.findLast((entry) => entry.kind === "text" && !entry.mine);
    if (last) chat.seen(person, last.id);
  }
}

function tell() {
  const { connected, people, conversations } = store.state;
  const talks = [...conversations].map(([person, { entries, unread }]) => [person, { unread, ...ledger.counts(person), lines: tail(entries) }]);
  print({ connected, people: Object.fromEntries(people), talks: Object.fromEntries(talks) });
}

function tail(entries) {
  return entries.slice(-TAIL).map(({ text = "", mine, status, problem }) => ({ text, mine, status, problem: problem ?? null }));
}

function print(message) {
  process.stdout.write(JSON.stringify(message) + "\n");
}

/** @param {() => void} act @param {number} delay at most once in so many ms, and always after the last call */
function soon(act, delay) {
  let timer;
  return () => {
    timer ??= setTimeout(() => {
      timer = undefined;
      act();
    }, delay);
  };
}
