(steps) => {
  // The elements that a chain of steps leads to, found the way a person or assistive technology would find them:
  // { css } | { role, name, exact } | { text, exact } | { label, exact } | { has } | { at } | { usable }
  const ROLES = {
    alertdialog: "[role=alertdialog]",
    button: "button, [role=button], input[type=submit], summary",
    dialog: "dialog[open], [role=dialog], [role=alertdialog]",
    heading: "h1, h2, h3, h4, h5, h6, [role=heading]",
    img: "img, [role=img]",
    link: "a[href], [role=link]",
    list: "ul, ol, [role=list], [role=listbox]",
    listitem: "li, [role=listitem]",
    radio: "input[type=radio], [role=radio]",
    region: "section[aria-label], section[aria-labelledby], [role=region]",
    textbox: "textarea, input:not([type]), input[type=text], input[type=search], [role=textbox], [contenteditable=true]",
    "": "[aria-label], [aria-labelledby]",
  };
  const squeeze = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const spoken = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches("[aria-hidden=true], [hidden], svg")) return "";
    const label = node.getAttribute("aria-label");
    return label ?? node.getAttribute("alt") ?? [...node.childNodes].map(spoken).join(" ");
  };
  const labelsOf = (element) => [...(element.labels ?? [])].map(spoken).join(" ");
  const nameOf = (element) => {
    const ids = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
    const labelled = ids.map((id) => document.getElementById(id)).filter(Boolean).map(spoken).join(" ");
    const label = element.getAttribute("aria-label");
    return squeeze(labelled || label || labelsOf(element) || spoken(element) || element.title || element.placeholder);
  };
  const visible = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.getClientRects().length > 0;
  const says = (text, wanted, exact) =>
    exact ? squeeze(text) === squeeze(wanted) : squeeze(text).toLowerCase().includes(squeeze(wanted).toLowerCase());
  const quiet = "script, style, template, noscript, title";
  const inside = (roots, css) => [...new Set(roots.flatMap((root) => [...root.querySelectorAll(css)]))];

  const deepest = (roots, { text, exact }) => {
    const matching = inside(roots, "*").filter((each) => !each.closest(quiet) && says(each.textContent, text, exact));
    return matching.filter((each) => ![...each.children].some((child) => matching.includes(child)));
  };
  const usable = (element) => {
    const modal = [...document.querySelectorAll("dialog:modal")].at(-1);
    return !element.matches(":disabled, [aria-disabled=true]") && (!modal || modal.contains(element));
  };
  const narrow = (found, step) => {
    if (step.css) return inside(found, step.css);
    if (step.text !== undefined) return deepest(found, step);
    if (step.label !== undefined) {
      const labelled = inside(found, "input, select, textarea, [aria-label]");
      return labelled.filter((each) => says(each.getAttribute("aria-label") ?? labelsOf(each), step.label, step.exact));
    }
    if (step.has !== undefined) return found.filter((each) => says(each.textContent, step.has, false));
    if (step.at !== undefined) return found.slice(step.at, step.at + 1 || undefined);
    if (step.usable) return found.filter(usable);
    const named = inside(found, ROLES[step.role] ?? `[role=${step.role}]`).filter(visible);
    return step.name === undefined ? named : named.filter((each) => says(nameOf(each), step.name, step.exact));
  };
  return steps.reduce(narrow, [document]);
}
