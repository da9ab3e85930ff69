/* Nothing moves under a pointer: rows keep their place while they change, and the second click of a double
   click never reaches what has just come to stand there. */
(() => {
  const GUARDED = 600; // milliseconds after a change
  const NEAR = 40; // pixels: a pointer that went further than that means what it points at
  const STALE = 15_000; // milliseconds after which a page is no longer the answer to a form
  const store = "steady";
  let changedAt = -Infinity;
  let before = null;
  let pointer = null; // where the last click was

  const top = (element) => element.getBoundingClientRect().top;
  const rows = () => [...document.querySelectorAll("#main [data-row][id]")];

  // A page that has become shorter gets room at its end, or it could not be scrolled as far as it was.
  function scrollTo(place) {
    const missing = place + window.innerHeight - document.documentElement.scrollHeight;
    const main = document.getElementById("main");
    if (missing > 0) main.style.minHeight = `${main.offsetHeight + missing}px`;
    window.scrollTo({ top: place, behavior: "instant" });
  }

  // Keys are pressed on purpose, one by one; a pointer may press twice by habit.
  document.addEventListener("click", (event) => {
    if (event.detail === 0) return;
    const isNear = pointer && Math.hypot(event.clientX - pointer.x, event.clientY - pointer.y) < NEAR;
    if (isNear && performance.now() - changedAt < GUARDED) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    pointer = { x: event.clientX, y: event.clientY };
  }, true);

  // --- parts that are swapped in place -----------------------------------------------------------
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "main" || !event.detail.shouldSwap) return;
    const pressed = document.activeElement?.closest("[data-row][id]");
    before = { rows: rows().map((row) => ({ row, height: row.getBoundingClientRect().height })), pressed: pressed?.id, top: pressed && top(pressed) };
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    // A page that only asks how far something is changes by itself, and under nobody's click.
    if (event.detail.requestConfig.verb === "get") return;
    changedAt = performance.now();
    if (!before) return;
    for (const { row, height } of before.rows) keepPlace(row, height);
    const pressed = before.pressed && document.getElementById(before.pressed);
    if (pressed) scrollTo(window.scrollY + top(pressed) - before.top);
    before = null;
  });

  // A row that has gone, such as an overdue one that was paid, stays as it was, without its buttons, until
  // the page is loaded again; so does its whole list when it was the last one.
  function keepPlace(row, height) {
    const now = document.getElementById(row.id);
    if (now) {
      now.style.height = `${height}px`;
      return;
    }
    if (!row.closest("[data-keeps-rows]")) return;
    row.classList.add("done", "gone");
    row.inert = true;
    const list = row.closest("[data-keeps-rows]");
    const table = document.querySelector(`#${list.id} tbody`);
    const above = row.previousElementSibling && document.getElementById(row.previousElementSibling.id);
    if (!table) document.querySelector(`[data-place-of="${list.id}"]`)?.replaceWith(list);
    else if (above) above.after(row);
    else table.prepend(row);
  }

  // --- pages that come after a form ----------------------------------------------------------------
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post" || event.target.closest("dialog")) return;
    const anchor = (event.submitter ?? event.target).closest("#main [id]:not(form):not(button)");
    sessionStorage.setItem(store, JSON.stringify({
      page: location.href, path: location.pathname, at: Date.now(), pointer, anchor: anchor?.id, top: anchor && top(anchor), scrolled: window.scrollY,
    }));
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("a[href]")) sessionStorage.removeItem(store);
  });

  const last = JSON.parse(sessionStorage.getItem(store) ?? "null");
  sessionStorage.removeItem(store);
  // What answered with a download left the page where it was; the next one comes from elsewhere.
  if (last && Date.now() - last.at < STALE && document.referrer === last.page.split("#")[0]) {
    changedAt = performance.now();
    pointer = last.pointer;
    // The desk shows the next statement at another address, in the same place.
    if ((last.path === location.pathname && !location.hash) || document.querySelector("[data-desk]")) {
      const anchor = last.anchor && document.getElementById(last.anchor);
      scrollTo(anchor ? window.scrollY + top(anchor) - last.top : last.scrolled);
    }
  }
})();
