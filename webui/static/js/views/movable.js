/** Something that lies in a corner and can be taken to another one: by dragging, by a press, by the arrow keys. */

/** @type {Record<string, [axis: 0 | 1, value: string]>} */
const ARROWS = {
  ArrowUp: [0, "top"],
  ArrowDown: [0, "bottom"],
  ArrowLeft: [1, "start"],
  ArrowRight: [1, "end"],
};
const CORNERS = ["bottom-end", "bottom-start", "top-start", "top-end"];
const FIRST = "bottom-end";
/** Pixels that a finger may tremble before a press is a drag. */
const SLACK = 6;

/**
 * @param {HTMLElement} element Its `data-corner` says where it lies; a style sheet puts it there.
 * @param {HTMLElement} handle
 * @param {{ only?: () => boolean }} [options] `only`: when it can be moved at all.
 */
export function movable(element, handle, { only = () => true } = {}) {
  const own = handle !== element;
  const to = (/** @type {string} */ corner) => (element.dataset["corner"] = corner);
  let dragged = false;

  handle.addEventListener("pointerdown", (event) => {
    if (!only() || event.button !== 0 || (!own && isControl(event.target))) return;
    drag(element, handle, event, (corner) => to(corner), (moved) => (dragged = moved));
  });
  if (own) {
    handle.addEventListener("keydown", (event) => {
      const arrow = ARROWS[event.key];
      if (!arrow) return;
      event.preventDefault();
      const place = (element.dataset["corner"] ?? FIRST).split("-");
      place[arrow[0]] = arrow[1];
      to(place.join("-"));
    });
    handle.addEventListener("click", () => {
      if (!dragged) to(CORNERS[(CORNERS.indexOf(element.dataset["corner"] ?? FIRST) + 1) % CORNERS.length] ?? FIRST);
      dragged = false;
    });
  }
  return { reset: () => void delete element.dataset["corner"] };
}

/** @param {EventTarget | null} target */
const isControl = (target) => target instanceof Element && target.closest("button, select, a") !== null;

/**
 * @param {HTMLElement} element
 * @param {HTMLElement} handle
 * @param {PointerEvent} down
 * @param {(corner: string) => void} dropped
 * @param {(moved: boolean) => void} moving
 */
function drag(element, handle, down, dropped, moving) {
  const ending = new AbortController();
  const { signal } = ending;
  let far = false;
  moving(false);
  handle.addEventListener("pointermove", (move) => {
    const [x, y] = [move.clientX - down.clientX, move.clientY - down.clientY];
    if (!far && Math.hypot(x, y) < SLACK) return;
    if (!far) handle.setPointerCapture(down.pointerId);
    far = true;
    moving(true);
    element.dataset["dragging"] = "";
    element.style.translate = `${x}px ${y}px`;
  }, { signal });
  const end = () => {
    ending.abort();
    if (far) dropped(nearest(element));
    delete element.dataset["dragging"];
    element.style.translate = "";
  };
  for (const type of ["pointerup", "pointercancel"]) handle.addEventListener(type, end, { signal });
}

/** @param {HTMLElement} element */
function nearest(element) {
  const box = element.getBoundingClientRect();
  const frame = (element.offsetParent ?? document.documentElement).getBoundingClientRect();
  const right = box.left + box.width / 2 > frame.left + frame.width / 2;
  const rtl = getComputedStyle(element).direction === "rtl";
  const low = box.top + box.height / 2 > frame.top + frame.height / 2;
  return `${low ? "bottom" : "top"}-${right !== rtl ? "end" : "start"}`;
}
