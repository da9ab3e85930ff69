/* The desk issues only what was looked at: a press counts once the draft has been on the screen for a moment.
   A press that comes sooner (a second quick one, a double click) is not kept, and the moment begins afresh. */
(() => {
  const desk = document.querySelector("[data-desk]");
  const form = desk?.querySelector("form[data-issue]");
  if (!form) return;
  const MOMENT = 500; // ms, the longest pause within a double click
  const hint = desk.querySelector("[data-too-soon]");
  let timer = 0, isSent = false;

  // Frames are drawn only where somebody sees them, so a window in the background does not begin to count.
  function begin() {
    clearTimeout(timer);
    delete desk.dataset.seen;
    requestAnimationFrame(() => requestAnimationFrame(() => {
      clearTimeout(timer);
      timer = setTimeout(() => { desk.dataset.seen = ""; }, MOMENT);
    }));
  }

  form.addEventListener("submit", (event) => {
    if ("seen" in desk.dataset && !isSent) {
      isSent = true;
      return;
    }
    event.preventDefault();
    if (isSent) return;
    begin();
    hint.textContent = hint.dataset.tooSoon;
  });
  document.addEventListener("visibilitychange", begin);
  // Coming back by the browser's button shows the page as it was left.
  addEventListener("pageshow", () => {
    isSent = false;
    begin();
  });
})();
