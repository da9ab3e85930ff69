/* Enhances pages that work without it: closing messages and menus, dialogs from links, failed requests. */
document.documentElement.classList.add("scripted");

const messages = () => document.getElementById("messages");

// A swapped part brings its messages along; screen readers hear them from a place that stays.
function announce() {
  const texts = [...document.querySelectorAll("#messages .text")].map((text) => text.textContent.trim());
  const announcer = document.getElementById("announcer");
  if (announcer.textContent !== texts.join(" ")) announcer.textContent = texts.join(" ");
}

function showMessage(text, level) {
  const box = document.createElement("div");
  box.className = `message ${level}`;
  const words = document.createElement("p");
  words.className = "text";
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "button quiet close";
  close.dataset.closeMessage = "";
  close.textContent = "Close";
  box.append(words, close);
  messages()?.append(box);
  announce();
}

document.addEventListener("htmx:afterSettle", announce);

// What went well covers the page for ten seconds, longer while somebody points at it, is in it or may undo it.
setInterval(() => {
  for (const message of document.querySelectorAll("#messages .message.success:not(.undoable)")) {
    message.seconds = (message.seconds ?? 0) + 1;
    if (message.seconds > 10 && !message.matches(":hover, :focus-within")) message.remove();
  }
}, 1000);

// A link with data-dialog leads to a page with one question. Its [data-dialog-content] is shown in place;
// when that fails for any reason the link simply leads there.
async function openDialog(link) {
  const answer = await fetch(link.href, { headers: { "x-requested-with": "dialog" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const content = page.querySelector("[data-dialog-content]");
  if (!content) throw new Error("no dialog content");
  const dialog = document.createElement("dialog");
  const title = page.querySelector("h1")?.textContent.trim() ?? "";
  const heading = Object.assign(document.createElement("h2"), { textContent: title, id: "dialog-title" });
  dialog.setAttribute("aria-labelledby", heading.id);
  const head = Object.assign(document.createElement("div"), { className: "dialog-head" });
  const form = Object.assign(document.createElement("form"), { method: "dialog" });
  form.append(Object.assign(document.createElement("button"), { className: "button quiet", textContent: "Close" }));
  head.append(heading, form);
  const body = Object.assign(document.createElement("div"), { className: "dialog-body" });
  body.append(document.adoptNode(content));
  dialog.append(head, body);
  dialog.addEventListener("close", () => { dialog.remove(); link.focus(); });
  document.body.append(dialog);
  window.htmx?.process(dialog);
  dialog.showModal();
  body.querySelector("[autofocus], input:not([type=hidden]), select, textarea, button")?.focus();
}

document.addEventListener("click", (event) => {
  const target = event.target;
  target.closest("[data-close-message]")?.closest(".message").remove();
  const cancel = target.closest("dialog [data-cancel]");
  if (cancel) { event.preventDefault(); cancel.closest("dialog").close(); return; }
  if (target.matches("dialog")) target.close();
  const link = target.closest("a[data-dialog]");
  if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
    event.preventDefault();
    openDialog(link).catch(() => { location.href = link.href; });
  }
  // A menu closes when something beside it is clicked.
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    if (!menu.contains(target)) menu.open = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details[data-menu][open]")) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A select with data-submit sends its form at once; the button beside it serves everyone else.
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  const words = {
    403: "This was refused. Nothing was changed. Reload the page and try again.",
    404: "This is no longer there. Nothing was changed. Reload the page.",
    429: "Too many requests in a short time. Nothing was changed. Wait a moment and try again.",
  };
  showMessage(words[status] ?? `The server could not do this (${status}). Reload the page to see what is saved.`, "error");
});
document.addEventListener("htmx:sendError", () => {
  showMessage("The server did not answer, so it is not certain that this was saved. Check the connection and reload the page.", "error");
});
