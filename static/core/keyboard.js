/* Keys: ? help, / or Ctrl+K search, n new, j k rows, Enter opens, p s a r press the row's own button. Never inside a field. */
(() => {
  const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
  const current = () => document.querySelector("[data-row].current");
  const isTyping = (element) => element.closest("input, textarea, select, [contenteditable]") !== null;

  const place = "row:" + location.pathname;

  function mark(row) {
    current()?.classList.remove("current");
    row.classList.add("current");
    sessionStorage.setItem(place, JSON.stringify({ id: row.id, at: rows().indexOf(row) }));
  }

  function choose(row) {
    mark(row);
    (row.querySelector("a[data-open]") ?? row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function move(step) {
    const all = rows();
    if (!all.length) return;
    const at = all.indexOf(document.activeElement?.closest("[data-row]") ?? current());
    choose(all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)]);
  }

  // A page that shows one thing at a time turns to the next one instead; at an end it stays.
  function turn(key) {
    if (!document.querySelector("[data-desk]")) return false;
    document.querySelector(`[data-turn="${key}"]`)?.click();
    return true;
  }

  function help() {
    const dialog = document.getElementById("keys");
    if (dialog && !dialog.open) dialog.showModal();
  }

  function search() {
    const field = document.querySelector("[data-search]");
    field?.focus();
    field?.select();
    return Boolean(field);
  }

  const keys = {
    "?": help,
    "/": search,
    n: () => document.querySelector("[data-new]")?.click(),
    j: () => turn("j") || move(1),
    k: () => turn("k") || move(-1),
  };

  function rowKey(key) {
    const row = document.activeElement?.closest("[data-row]") ?? current();
    const button = row?.querySelector(`[data-key="${key}"]`);
    button?.click();
    return Boolean(button);
  }

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey) {
      if (search()) event.preventDefault();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key in keys) {
      event.preventDefault();
      keys[event.key]();
    } else if (event.key === "Enter" && event.target === document.body) {
      current()?.querySelector("a[data-open]")?.click();
    } else if ("psar".includes(event.key) && !event.repeat && rowKey(event.key)) {
      event.preventDefault();
    }
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-keys-help]")) help();
  });

  // After a row's button the page or its swapped part comes back with the same row chosen, or with the
  // one now in its place; where the focus was lost with the button, it returns to that row.
  function restore() {
    const kept = JSON.parse(sessionStorage.getItem(place) ?? "null");
    const all = rows();
    if (!kept || !all.length || current()) return;
    const row = all.find((one) => one.id === kept.id) ?? all[Math.min(kept.at, all.length - 1)];
    row.classList.add("current");
    if (document.activeElement === document.body) row.querySelector("a[data-open]")?.focus({ preventScroll: true });
  }
  // Swap and settle come in one step (see base.html), so a quick next key finds its row and its button ready.
  document.addEventListener("htmx:afterSettle", restore);
  // Only coming back from the row's own form restores it, not any later visit.
  if (sessionStorage.getItem(place + ":sent")) restore();
  sessionStorage.removeItem(place + ":sent");
  document.addEventListener("submit", (event) => {
    // A button may stand in a row and its form elsewhere.
    const row = (event.submitter ?? event.target).closest("[data-row]");
    if (!row) return;
    mark(row);
    sessionStorage.setItem(place + ":sent", "1");
  });

  for (const button of document.querySelectorAll("[data-keys-help]")) button.hidden = false;
})();
