/* "Copy report": only there when scripts run; without them the report is there to be selected. */
for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch {
      // Over plain http browsers give no clipboard: select the text, so that Ctrl+C takes it.
      getSelection().selectAllChildren(source);
      source.focus();
      return;
    }
    button.textContent = button.dataset.copied;
    document.getElementById("announcer").textContent = button.dataset.copied;
  });
}
