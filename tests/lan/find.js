(role, name, { within = "", part = false } = {}) => {
  // The visible, enabled element with this role ("" for any) and accessible name, as assistive technology would find it.
  const roles = {
    button: "button, [role=button], input[type=submit], summary",
    link: "a[href], [role=link]",
    row: "button, a[href], [role=button], [role=link], [role=option]",
    textbox: "textarea, input:not([type]), input[type=text], input[type=search], [role=textbox], [contenteditable=true]",
    dialog: "dialog[open], [role=dialog], [role=alertdialog]",
    list: "ul, ol, [role=list], [role=listbox]",
    "": "[aria-label], [aria-labelledby]",
  };
  const squeeze = (text) => (text ?? "").replace(/\s+/g, " ").trim();
  const spoken = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE || node.matches("[aria-hidden=true], [hidden], svg")) return "";
    const label = node.getAttribute("aria-label");
    return label ?? node.getAttribute("alt") ?? [...node.childNodes].map(spoken).join(" ");
  };
  const nameOf = (element) => {
    const ids = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean);
    const labelled = ids.map((id) => document.getElementById(id)).filter(Boolean).map(spoken).join(" ");
    const label = element.getAttribute("aria-label");
    const labels = [...(element.labels ?? [])].map(spoken).join(" ");
    return squeeze(labelled || label || labels || spoken(element) || element.title || element.placeholder);
  };
  const visible = (element) => element.checkVisibility?.({ visibilityProperty: true }) ?? element.getClientRects().length > 0;
  const matches = (element, wanted, loose) => (loose ? nameOf(element).includes(wanted) : nameOf(element) === wanted);
  const all = (root, kind) => [...root.querySelectorAll(roles[kind] ?? `[role=${kind}]`)].filter(visible);
  const root = within ? all(document, "").find((element) => matches(element, within, false)) : document;
  const modal = [...document.querySelectorAll("dialog:modal")].at(-1);
  return (
    (root ? all(root, role) : []).find(
      (element) => matches(element, name, part) && !element.matches(":disabled, [aria-disabled=true]") && (!modal || modal.contains(element)),
    ) ?? null
  );
}
