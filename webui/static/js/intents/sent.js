// Whether microphone and camera were on in the call of this tab: a reload forgets everything else of it.

/** @typedef {{ microphone: boolean, camera: boolean }} Sent */

const KEY = "lanchat.call";

/** @param {string} call @param {Sent} sent */
export function remember(call, { microphone, camera }) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ [call]: { microphone, camera } }));
  } catch {
    // A browser that keeps nothing begins again with what was agreed.
  }
}

/**
 * @param {string} call
 * @returns {Sent | null} null when this tab has not held that call
 */
export function recall(call) {
  try {
    const sent = JSON.parse(sessionStorage.getItem(KEY) ?? "{}")[call];
    return sent ? { microphone: sent.microphone !== false, camera: sent.camera === true } : null;
  } catch {
    return null;
  }
}
