/**
 * What is open stands in the address (`#/KEY`, a conversation; `#/network`, the network screen), so that reload, back and forward do what they should.
 *
 * @import {AppStore} from "../state.js"
 */

/** No key looks like this. */
const NETWORK = "#/network";

/** @param {{store: AppStore}} context */
export function createRoute({ store }) {
  const attentive = () => document.visibilityState === "visible" && document.hasFocus();

  function follow() {
    const id = /^#\/([a-z2-7]{52})$/.exec(location.hash)?.[1];
    const person = id !== undefined && store.state.people.has(id) ? id : null;
    store.dispatch({ event: "ui/select", person, screen: location.hash === NETWORK ? "network" : "people" });
  }

  function watch() {
    if (attentive() !== store.state.ui.attentive) store.dispatch({ event: "ui/attention", attentive: attentive() });
  }

  return {
    /** @param {string} person */
    open(person) {
      if (location.hash === `#/${person}`) follow();
      else location.hash = `#/${person}`;
    },

    close() {
      if (location.hash === "") return;
      history.pushState(null, "", location.pathname);
      follow();
    },

    start() {
      addEventListener("hashchange", follow);
      addEventListener("popstate", follow);
      addEventListener("focus", watch);
      addEventListener("blur", watch);
      document.addEventListener("visibilitychange", watch);
      // Somebody who appears later may be the one whom the address names.
      store.subscribe((state, previous) => {
        if (state.people !== previous.people && state.ui.selected === null && location.hash) follow();
      });
      watch();
      follow();
    },
  };
}
