// Loads the page again if a part of it could not be fetched. A classic script: modules that are missing can't tell.
//
// Chromium gives up what it is fetching when a network comes or goes, even from localhost, and one missing module is a
// page without life. So it is tried again, a few times and ever more slowly.
addEventListener(
  "error",
  ({ target }) => {
    if (!(target instanceof HTMLScriptElement || target instanceof HTMLLinkElement)) return;
    const tries = Number(sessionStorage.getItem("lanchat.tries")) + 1;
    if (tries > 5) return;
    sessionStorage.setItem("lanchat.tries", String(tries));
    setTimeout(() => location.reload(), 250 * tries);
  },
  { capture: true },
);
