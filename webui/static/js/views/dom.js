/** The few verbs with which the views touch the page. Text is always set as text. */

/**
 * The element that must be there.
 *
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function find(root, selector) {
  const element = root.querySelector(selector);
  if (!element) throw new Error(`The page has no ${selector}.`);
  return /** @type {HTMLElement} */ (element);
}

/**
 * The part of a template's copy that is named by `data-part`.
 *
 * @param {ParentNode} root
 * @param {string} name
 */
export function part(root, name) {
  return find(root, `[data-part="${name}"]`);
}

/**
 * Copy the first element of a `<template>`.
 *
 * @param {string} id
 * @returns {HTMLElement}
 */
export function clone(id) {
  const template = /** @type {HTMLTemplateElement} */ (find(document, `template#${id}`));
  const first = template.content.firstElementChild;
  if (!first) throw new Error(`The template ${id} is empty.`);
  return /** @type {HTMLElement} */ (document.importNode(first, true));
}

/**
 * Set a text; leaves the page alone if it stands there already.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Set an attribute, or take it away with null or false.
 *
 * @param {Element} element
 * @param {string} name
 * @param {string | number | boolean | null | undefined} value true sets an empty attribute
 */
export function setAttribute(element, name, value) {
  if (value === null || value === undefined || value === false) return element.removeAttribute(name);
  const text = value === true ? "" : String(value);
  if (element.getAttribute(name) !== text) element.setAttribute(name, text);
}

/**
 * Show another symbol of the sprite.
 *
 * @param {Element} svg
 * @param {string} name
 */
export function setIcon(svg, name) {
  setAttribute(find(svg, "use"), "href", `#i-${name}`);
}

/**
 * Make the children of `list` those of `items`, in order, reusing the element of the same key. What has the focus is not moved:
 * it would lose it.
 *
 * @template T
 * @param {Element} list
 * @param {Map<string, HTMLElement>} elements what is in the list now, by key; kept up to date
 * @param {T[]} items
 * @param {{key: (item: T) => string, make: (item: T) => HTMLElement, update: (element: HTMLElement, item: T) => void}} how
 */
export function reconcile(list, elements, items, { key, make, update }) {
  const wanted = new Set(items.map(key));
  for (const [name, element] of elements) {
    if (wanted.has(name)) continue;
    element.remove();
    elements.delete(name);
  }
  let next = list.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const element = elements.get(name) ?? make(item);
    elements.set(name, element);
    update(element, item);
    if (element.parentNode === list && element.contains(document.activeElement)) {
      while (next && next !== element) {
        const later = next;
        next = next.nextElementSibling;
        element.after(later);
      }
    }
    if (element === next) next = next.nextElementSibling;
    else list.insertBefore(element, next);
  }
}

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** Whether things may move. */
export function motion() {
  return !still.matches;
}

/**
 * Let the children slide from where they were to where `change` puts them.
 *
 * @param {Iterable<HTMLElement>} elements
 * @param {() => void} change
 */
export function slide(elements, change) {
  if (!motion()) return change();
  const before = new Map([...elements].map((element) => [element, element.getBoundingClientRect().top]));
  change();
  for (const [element, top] of before) {
    const distance = element.isConnected ? top - element.getBoundingClientRect().top : 0;
    if (Math.abs(distance) < 1) continue;
    element.animate([{ transform: `translateY(${distance}px)` }, { transform: "none" }], {
      duration: 240,
      easing: "cubic-bezier(0.2, 0.8, 0.25, 1)",
    });
  }
}
