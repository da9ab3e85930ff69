/* Long work goes on asking while the server is closed for a restore; a file that is too large is said at once. */
const work = () => document.getElementById("work");

// Before the page's own words about failed requests, which are meant for acts of a person.
for (const name of ["htmx:responseError", "htmx:sendError"]) {
  document.body.addEventListener(name, (event) => {
    if (event.target !== work()) return;
    event.stopPropagation();
    for (const note of event.target.querySelectorAll("[data-waits]")) note.hidden = false;
  });
}

for (const form of document.querySelectorAll("form[data-limit]")) {
  const field = form.querySelector("input[type=file]");
  field.addEventListener("change", () => {
    const size = field.files[0]?.size ?? 0;
    field.setCustomValidity(size > Number(form.dataset.limit) ? form.dataset.tooLarge : "");
    field.reportValidity();
  });
}
