/**
 * Where the page is put together: the state, the socket, what people can do, and the views. Nothing imports it.
 *
 * @import {AppStore} from "./state.js"
 * @import {Snapshot} from "./messages.js"
 */

import { createCalls } from "./intents/calls.js";
import { createChat } from "./intents/chat.js";
import { createDesktop } from "./intents/desktop.js";
import { notify } from "./intents/notify.js";
import { createNetwork } from "./intents/network.js";
import { createPeople } from "./intents/people.js";
import { createProfile } from "./intents/profile.js";
import { createRoute } from "./intents/route.js";
import { createVerify } from "./intents/verify.js";
import { loadPreferences, savePreferences } from "./preferences.js";
import { reduce } from "./reducer.js";
import { createSocket } from "./socket.js";
import { firstState } from "./state.js";
import { createStore } from "./store.js";
import { mountAlerts } from "./views/alerts.js";
import { mountBars } from "./views/bars.js";
import { mountCall } from "./views/call.js";
import { mountConversation } from "./views/conversation.js";
import { mountMe } from "./views/me.js";
import { mountNetwork } from "./views/network.js";
import { mountPeople } from "./views/people.js";
import { mountSettings } from "./views/settings.js";
import { mountTitle } from "./views/title.js";
import { mountVerify } from "./views/verify.js";
import { mountVerifyCard } from "./views/verify_card.js";
import { mountWelcome } from "./views/welcome.js";
import { find } from "./views/dom.js";

/** @type {Snapshot} */
const snapshot = JSON.parse(find(document, "#snapshot").textContent ?? "");

/** @type {AppStore} */
const store = createStore(firstState(snapshot, loadPreferences()), reduce);
store.dispatch(snapshot);

const socket = createSocket({
  url: new URL("/ws", location.href.replace(/^http/, "ws")).href,
  onEvent: handle,
  onStatus: (connected) => store.dispatch({ event: "ui/connection", connected }),
});

const calls = createCalls({ socket, store });
const chat = createChat({ socket, store });
const route = createRoute({ store });
const desktop = createDesktop({ socket, store, calls, route });
const intents = {
  calls,
  chat,
  network: createNetwork({ store }),
  people: createPeople({ socket, store }),
  profile: createProfile({ socket, store }),
  route,
  verify: createVerify({ socket, store }),
};

/** @typedef {typeof intents} Intents */
/** @typedef {{store: AppStore, intents: Intents}} Context what every view gets */

/** @param {import("./socket.js").Frame} event */
function handle(event) {
  if (event.event === "snapshot" && event["proof"] !== snapshot.proof) return leave();
  store.dispatch({ ...event, heard: Date.now() });
  calls.handle(event);
  chat.handle(event);
  desktop.handle(event);
  intents.verify.handle(event);
  if (event.event === "error") notify(store, event["message"], { forLong: true });
}

/** What answers at our address is not the daemon that has served this page: it hears nothing of what stands here. */
function leave() {
  socket.close();
  store.dispatch({ event: "ui/connection", connected: false });
  notify(store, "Another program answers in place of your LanChat. Nothing was sent to it. Start LanChat and reload this page.", { forLong: true });
}

store.subscribe((state, previous) => {
  if (state.preferences !== previous.preferences) savePreferences(state.preferences);
});

const context = { store, intents };
mountBars(find(document, "#bars"), context);
mountMe(find(document, "#me"), context);
mountPeople(find(document, "#people"), context);
mountWelcome(find(document, "#welcome"), context);
mountNetwork(find(document, "#network"), context);
mountConversation(find(document, "#conversation"), context);
mountSettings(find(document, "#settings"), context);
mountCall(find(document, "#call"), context);
mountVerify(find(document, "#verify"), context);
mountVerifyCard(find(document, "#verify-card"), context);
mountAlerts(find(document, "#alerts"), context);
mountTitle(context);
intents.route.start();
sessionStorage.removeItem("lanchat.tries");

// For tests, and for whoever is curious in the browser's console.
Object.assign(window, { lanchat: { store, calls } });
