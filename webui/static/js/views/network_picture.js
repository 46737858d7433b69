/**
 * The picture of the network: this machine, everybody in sight around it, and the links. It only repeats what the list below it says,
 * so it is one image for who can't see it.
 *
 * @import {Me} from "../messages.js"
 * @import {Other} from "../network.js"
 * @import {Layout, Place} from "../network_layout.js"
 */

import { layout, OWN_FACE, TRIP } from "../network_layout.js";
import { look } from "../person.js";
import { setAttribute, setText } from "./dom.js";

/** Of the words below this machine. */
const OWN_SIDE = 62;
/** Faces smaller than that have no letters. */
const LETTERS = 13;

/** @param {HTMLElement} frame @param {(key: string) => void} chosen somebody was pressed @returns {(me: Me, all: Other[], company: string) => void} */
export function mountPicture(frame, chosen) {
  const svg = shape("svg", { class: "net-picture", role: "img" });
  frame.append(svg);
  svg.addEventListener("click", ({ target }) => {
    const key = /** @type {SVGElement | null} */ (/** @type {Element} */ (target).closest("[data-key]"))?.dataset["key"];
    if (key !== undefined) chosen(key);
  });
  /** @type {{me: Me, all: Other[], company: string} | null} */
  let shown = null;
  let drawn = "";

  function draw() {
    const width = Math.floor(frame.clientWidth);
    if (!shown || width === 0) return;
    const { me, all } = shown;
    const there = all.filter(({ state }) => state !== "away");
    const now = JSON.stringify([width, me.id, me.name, me.machine, there.map(({ key, label, state, spot }) => [key, label, state, spot])]);
    setAttribute(svg, "aria-label", `${shown.company} The list below says who and how.`);
    if (now !== drawn) redraw(svg, me, there, layout(there.length, width), width);
    drawn = now;
    paintNews(svg, there);
  }

  new ResizeObserver(draw).observe(frame);
  return (me, all, company) => {
    shown = { me, all, company };
    draw();
  };
}

/** @param {Element} svg @param {Me} me @param {Other[]} there @param {Layout} where @param {number} width */
function redraw(svg, me, there, where, width) {
  // Who is linked stays in place when others come and go in a crowd; on the ring everybody has a place of their own.
  const placed = where.named ? [...there].sort((one, two) => (one.key < two.key ? -1 : 1)) : there;
  for (const [name, value] of Object.entries({ viewBox: `0 0 ${width} ${where.height}`, width, height: where.height })) setAttribute(svg, name, value);
  setAttribute(svg, "data-named", where.named);
  const [halos, links, faces] = [shape("g", {}), shape("g", {}), shape("g", {})];
  for (const radius of [70, 120, 185, 265, 360]) halos.append(shape("circle", { class: "net-halo", cx: where.middle.x, cy: where.middle.y, r: radius }));
  svg.replaceChildren(halos, links, faces);
  for (const [index, other] of placed.entries()) {
    const place = where.places[index];
    if (!place) continue;
    links.append(link(other, where, place));
    faces.append(face({ ...other, words: [other.label, other.label === other.spot ? "" : other.spot] }, place, where, index));
  }
  const own = { key: me.id, name: me.name, named: true, words: [me.name, "This machine"], state: "own" };
  faces.append(face(own, { ...where.middle, over: false }, { radius: OWN_FACE, named: true, side: OWN_SIDE }, "own"));
  for (const text of /** @type {NodeListOf<SVGTextElement>} */ (svg.querySelectorAll(".net-label"))) {
    shorten(text, 2 * (text.closest('[data-state="own"]') ? OWN_SIDE : where.side) - 4);
  }
}

/** What changes by the second. @param {Element} svg @param {Other[]} there */
function paintNews(svg, there) {
  const labelled = svg.querySelector(".net-pill") !== null;
  const news = new Map(there.map((other) => [other.key, other]));
  for (const group of /** @type {NodeListOf<SVGElement>} */ (svg.querySelectorAll("[data-key]"))) {
    const other = news.get(group.dataset["key"] ?? "");
    if (!other) continue;
    const trip = group.querySelector(".net-pill");
    if (trip) {
      setAttribute(trip, "hidden", other.trip === "");
      setText(/** @type {Element} */ (trip.querySelector("text")), other.trip);
    }
    const words = group.querySelector(".net-label-address");
    // Where links have no labels, the round trip is worth more than the address.
    if (words && !labelled && other.trip) setText(words, other.trip);
    const title = group.querySelector("title");
    if (title) setText(title, [other.name, other.caution.words, other.origin, other.words, other.address, other.trip, other.reason].filter(Boolean).join("\n"));
  }
}

/** @param {Other} other @param {Layout} where @param {Place} to */
function link({ key, state }, { middle, named, radius }, to) {
  const group = shape("g", { class: "net-link", "data-key": key, "data-state": state });
  const length = Math.hypot(to.x - middle.x, to.y - middle.y) || 1;
  const along = (/** @type {number} */ distance) => ({ x: middle.x + ((to.x - middle.x) * distance) / length, y: middle.y + ((to.y - middle.y) * distance) / length });
  const [from, end] = [along(OWN_FACE + 6), along(length - radius - 5)];
  const line = { x1: from.x, y1: from.y, x2: end.x, y2: end.y };
  group.append(shape("line", { ...line, class: "net-line" }));
  if (!named || state !== "linked") return group;
  group.append(shape("line", { ...line, class: "net-flow" }));
  if (!to.trip) return group;
  const pill = shape("g", { class: "net-pill", transform: `translate(${to.trip.x} ${to.trip.y})` });
  pill.append(shape("rect", { x: -TRIP.width / 2, y: -TRIP.height / 2, width: TRIP.width, height: TRIP.height, rx: TRIP.height / 2 }), shape("text", { y: 4 }));
  group.append(pill);
  return group;
}

/**
 * @param {{key: string, name: string, named: boolean, words: string[], state: string}} who
 * @param {{x: number, y: number, over: boolean}} at
 * @param {{radius: number, named: boolean, side: number}} how
 * @param {number | string} index tells its colours from those of others
 */
function face({ key, name, named, words: [first = "", second = ""], state }, at, { radius, named: labelled }, index) {
  const { hue, turn, initials } = look({ id: key, name: named ? name : "?" });
  const group = shape("g", { class: "net-face", "data-key": key, "data-state": state, "data-hue": hue, "data-turn": turn, transform: `translate(${at.x} ${at.y})` });
  const fill = `net-fill-${index}`;
  const colours = shape("linearGradient", { id: fill, x1: 0.15, y1: 0, x2: 0.85, y2: 1 });
  colours.append(shape("stop", { class: "net-from", offset: 0 }), shape("stop", { class: "net-to", offset: 1 }));
  const disc = shape("circle", { class: "net-disc", r: radius, fill: `url(#${fill})` });
  group.append(shape("title", {}), colours, shape("circle", { class: "net-edge", r: radius + (labelled ? 4 : 1) }), disc);
  if (radius >= LETTERS) group.append(text("net-letters", initials, { y: radius * 0.26, "font-size": radius * 0.72 }));
  if (labelled && state === "trouble") group.append(shape("use", { class: "net-warning", href: "#i-warning", x: radius - 12, y: radius - 16, width: 20, height: 20 }));
  if (labelled) {
    const top = at.over ? -radius - 30 : radius + 21;
    group.append(text("net-label net-label-name", first, { y: top }), text("net-label net-label-address", second, { y: top + 16 }));
  }
  return group;
}

/** @param {string} kind @param {string} content @param {Record<string, string | number>} where */
function text(kind, content, where) {
  const element = shape("text", { ...where, class: kind });
  element.textContent = content;
  return element;
}

/** Cuts a text that is too long for its place, between two letters as people see them. @param {SVGTextElement} element @param {number} width */
function shorten(element, width) {
  if (element.getComputedTextLength() <= width) return;
  const letters = [...new Intl.Segmenter().segment(element.textContent ?? "")].map(({ segment }) => segment);
  let [fits, most] = [0, letters.length];
  while (fits < most) {
    const middle = Math.ceil((fits + most) / 2);
    element.textContent = `${letters.slice(0, middle).join("")}…`;
    if (element.getComputedTextLength() <= width) fits = middle;
    else most = middle - 1;
  }
  element.textContent = `${letters.slice(0, fits).join("").trimEnd()}…`;
}

/** @param {string} name @param {Record<string, string | number>} attributes */
function shape(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [each, value] of Object.entries(attributes)) element.setAttribute(each, String(value));
  return element;
}
