/**
 * Where the machines stand in the picture of the network. Pure; lengths in CSS pixels.
 *
 * As long as there is room, all stand on one ring around this machine, with their names. When it gets too full for names, they
 * crowd around it like the seeds of a sunflower, and only the list below says who is who.
 *
 * @typedef {{x: number, y: number}} Point
 * @typedef {object} Place
 * @property {number} x
 * @property {number} y
 * @property {boolean} over the name stands over the face, so that the link comes from below
 * @property {Point | null} trip the middle of the label on the link, if links have labels
 *
 * @typedef {object} Layout
 * @property {number} height
 * @property {Point} middle where this machine stands
 * @property {Place[]} places where the others stand, in their order
 * @property {number} radius of the others
 * @property {boolean} named there is room for their names
 * @property {boolean} labelled there is room for labels on the links
 * @property {number} side how far words may go to the left and to the right of the middle of a face
 *
 * @typedef {{left: number, right: number, top: number, bottom: number}} Box
 */

export const FACE = 24;
export const OWN_FACE = 34;
/** The label on a link. */
export const TRIP = { width: 62, height: 22 };
/** A face with two lines of words on one side of it. */
const SIDE = 58;
const NARROW = { width: 520, side: 46 };
const OWN_SIDE = 62;
const WORDS = 64;
const EDGE = 30;
const HEIGHTS = [300, 370, 440, 510, 580];
const ACROSS = 400;
/** Of the picture: its height, and the room above and below the words. */
const LEAST = 230;
const MARGIN = 12;
/** Best is a ring with labels on the links and nobody at the bottom. */
const WAYS = [
  { labelled: true, turned: false },
  { labelled: false, turned: false },
  { labelled: false, turned: true },
];
const STEPS = 720;
const GOLDEN = Math.PI * (3 - Math.sqrt(5));
/** In units of the distance between seeds: more would let faces touch. */
const SEED = 0.78;
const CROWD = 280;
const LEAST_REACH = 126;

/**
 * @param {number} count how many others
 * @param {number} width of the picture
 * @returns {Layout}
 */
export function layout(count, width) {
  for (const how of WAYS) {
    for (const height of HEIGHTS) {
      const ring = ringIn(count, width, height, how);
      if (ring) return ring;
    }
  }
  return crowd(count, width);
}

/** What a face takes with its words. @param {{x: number, y: number, over: boolean}} place @param {number} side @returns {Box} */
export function boxOf({ x, y, over }, side) {
  return { left: x - side, right: x + side, top: y - (over ? WORDS : EDGE), bottom: y + (over ? EDGE : WORDS) };
}

/** The same of this machine. @param {Point} middle @returns {Box} */
export function ownBox({ x, y }) {
  return { left: x - OWN_SIDE, right: x + OWN_SIDE, top: y - OWN_FACE - 8, bottom: y + OWN_FACE + 44 };
}

/** @param {Point} at @returns {Box} */
export function tripBox({ x, y }) {
  return { left: x - TRIP.width / 2 - 3, right: x + TRIP.width / 2 + 3, top: y - TRIP.height / 2 - 3, bottom: y + TRIP.height / 2 + 3 };
}

/** @param {Box} one @param {Box} two */
export function overlap(one, two) {
  return one.left < two.right && two.left < one.right && one.top < two.bottom && two.top < one.bottom;
}

/** @param {number} count @param {number} width @param {number} height @param {typeof WAYS[number]} how @returns {Layout | null} null if it is too full */
function ringIn(count, width, height, { labelled, turned }) {
  const middle = { x: width / 2, y: height / 2 };
  const side = width < NARROW.width ? NARROW.side : SIDE;
  const points = onEllipse(count, Math.min(width / 2 - side - 8, ACROSS), height / 2 - WORDS - 8, turned);
  const places = points.map(({ x, y }) => {
    const at = { x: middle.x + x, y: middle.y + y, over: y < -EDGE };
    return { ...at, trip: labelled ? tripAt(boxOf(at, side), at, middle) : null };
  });
  if (labelled && places.some(({ trip }) => trip === null)) return null;
  const boxes = [ownBox(middle), ...places.map((place) => boxOf(place, side))];
  if (boxes.some((one, index) => boxes.slice(index + 1).some((two) => overlap(one, two)))) return null;
  return trimmed({ height, middle, radius: FACE, named: true, labelled, side, places }, boxes);
}

/** Without the room above and below that nobody takes. @param {Layout} ring @param {Box[]} boxes @returns {Layout} */
function trimmed(ring, boxes) {
  const [top, bottom] = [Math.min(...boxes.map((box) => box.top)), Math.max(...boxes.map((box) => box.bottom))];
  const height = Math.max(LEAST, Math.ceil(bottom - top) + 2 * MARGIN);
  const down = (height - top - bottom) / 2;
  const shift = (/** @type {Point} */ { x, y }) => ({ x, y: y + down });
  const places = ring.places.map((place) => ({ ...place, ...shift(place), trip: place.trip && shift(place.trip) }));
  return { ...ring, height, middle: shift(ring.middle), places };
}

/** Where on its link a label is clear of both ends: half way between, or nearer to one. @param {Box} box @param {Point} place @param {Point} middle */
function tripAt(box, place, middle) {
  const ends = [box, ownBox(middle)];
  for (let off = 0; off <= 0.3; off += 0.02) {
    for (const share of [0.56 + off, 0.56 - off]) {
      const at = { x: middle.x + (place.x - middle.x) * share, y: middle.y + (place.y - middle.y) * share };
      if (!ends.some((end) => overlap(end, tripBox(at)))) return at;
    }
  }
  return null;
}

/**
 * Points at equal distances along an ellipse, the same on the left as on the right. None is at the bottom, where the name of this
 * machine would be in the way, unless it is turned; one alone stands beside it.
 *
 * @param {number} count
 * @param {number} across
 * @param {number} down
 * @param {boolean} turned
 * @returns {Point[]}
 */
function onEllipse(count, across, down, turned) {
  if (count === 1 && across > 180) return [{ x: Math.min(across, 240), y: 0 }];
  const outline = Array.from({ length: STEPS + 1 }, (_, step) => {
    const angle = (2 * Math.PI * step) / STEPS;
    return { x: across * Math.sin(angle), y: -down * Math.cos(angle), way: 0 };
  });
  for (const [index, point] of outline.entries()) {
    const last = outline[index - 1];
    if (last) point.way = last.way + Math.hypot(point.x - last.x, point.y - last.y);
  }
  const whole = outline.at(-1)?.way ?? 0;
  const first = (count % 2 === 0) !== turned ? 0.5 : 0;
  return Array.from({ length: count }, (_, index) => {
    const wanted = ((index + first) * whole) / count;
    const { x, y } = outline.find(({ way }) => way >= wanted) ?? { x: 0, y: -down };
    return { x, y };
  });
}

/** As tight as they must be to be within reach. @param {number} count @param {number} width @returns {Layout} */
function crowd(count, width) {
  const reach = Math.max(LEAST_REACH, Math.min(width / 2 - 16, CROWD));
  const stretch = Math.min(1.6, Math.max(1, (width / 2 - 16) / reach));
  let unit = 26;
  let seeds = sown(count, width, unit, stretch);
  while (seeds.reach > reach && unit > 4) {
    unit *= 0.96;
    seeds = sown(count, width, unit, stretch);
  }
  const radius = seedRadius(unit);
  const half = Math.max(OWN_FACE + 44, ...seeds.points.map(({ y }) => Math.abs(y) + radius)) + 8;
  const middle = { x: width / 2, y: half };
  const places = seeds.points.map(({ x, y }) => ({ x: middle.x + x, y: middle.y + y, over: false, trip: null }));
  return { height: Math.ceil(2 * half), middle, radius, named: false, labelled: false, side: 0, places };
}

/** @param {number} unit */
function seedRadius(unit) {
  return Math.min(FACE, unit * SEED);
}

/**
 * Seeds at these distances, around what this machine takes with its name. On a wide page the disc is drawn out to both sides.
 *
 * @param {number} count
 * @param {number} width
 * @param {number} unit
 * @param {number} stretch
 * @returns {{points: Point[], reach: number}}
 */
function sown(count, width, unit, stretch) {
  const radius = seedRadius(unit);
  const own = ownBox({ x: 0, y: 0 });
  /** @type {Point[]} */
  const points = [];
  let distance = 0;
  for (let index = 0; points.length < count; index++) {
    distance = unit * Math.sqrt(index + 0.5);
    const [x, y] = [stretch * distance * Math.cos(index * GOLDEN), distance * Math.sin(index * GOLDEN)];
    const box = { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
    if (!overlap(box, own) && Math.abs(x) + radius < width / 2) points.push({ x, y });
  }
  return { points, reach: distance };
}
