// What can be wrong with a microphone, a camera or a screen, in words for people: what happened, and the way out.

/** @typedef {import("./transport.js").Role} Role */
/** @typedef {"missing" | "refused" | "in_use" | "unplugged" | "switched" | "failed"} ProblemKind */

/**
 * @typedef {object} Problem
 * @property {Role} role
 * @property {ProblemKind} kind
 * @property {string} title What happened.
 * @property {string} advice What one can do about it.
 */

/** @type {Record<Role, Partial<Record<ProblemKind, [title: string, advice: string]>>>} */
const WORDS = {
  microphone: {
    missing: ["No microphone found", "Plug one in and press Microphone. You can hear the other person meanwhile."],
    refused: [
      "The browser does not let LanChat use the microphone",
      "Allow it with the icon beside the address, then press Microphone. You can hear the other person meanwhile.",
    ],
    in_use: ["The microphone is in use by another program", "Close that program, or choose another microphone."],
    unplugged: ["The microphone is gone", "Plug one in and press Microphone. You can hear the other person meanwhile."],
    switched: ["The microphone was unplugged", "Another one has taken over."],
    failed: ["The microphone did not start", "Press Microphone to try again, or choose another one."],
  },
  camera: {
    missing: ["No camera found", "The call goes on with your voice. Plug one in and press Camera."],
    refused: [
      "The browser does not let LanChat use the camera",
      "The call goes on with your voice. Allow the camera with the icon beside the address, then press Camera.",
    ],
    in_use: ["The camera is in use by another program", "Close that program and press Camera, or choose another one."],
    unplugged: ["The camera is gone", "The call goes on with your voice. Plug one in and press Camera."],
    switched: ["The camera was unplugged", "Another one has taken over."],
    failed: ["The camera did not start", "Press Camera to try again, or choose another one."],
  },
  screen: {
    missing: ["There is no screen to share", "This browser found neither a screen nor a window."],
    refused: ["The screen is not shared", "The system or the browser has refused it. Press Share screen to try again."],
    failed: ["The screen could not be shared", "Press Share screen to try again, perhaps with a single window."],
  },
};

/** @type {Record<string, ProblemKind>} by name of the DOMException, W3C Media Capture and Streams, section 10.2.2 */
const KINDS = {
  NotFoundError: "missing",
  OverconstrainedError: "missing",
  NotAllowedError: "refused",
  SecurityError: "refused",
  NotReadableError: "in_use",
  AbortError: "in_use",
};

/**
 * @param {Role} role
 * @param {ProblemKind} kind
 * @returns {Problem}
 */
export function problem(role, kind) {
  const [title, advice] = WORDS[role][kind] ?? WORDS[role].failed ?? ["", ""];
  return { role, kind, title, advice };
}

/**
 * @param {unknown} error What getUserMedia or getDisplayMedia rejected with.
 * @returns {ProblemKind}
 */
export const kindOf = (error) => (error instanceof DOMException ? KINDS[error.name] : undefined) ?? "failed";
