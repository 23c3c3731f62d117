// Narrows a list of labels to what is typed above it; Enter takes the only one that is left, or makes a new one.
(() => {
  const rows = (field) => [...field.closest(".choices").querySelectorAll("[data-filtered] [data-name]")];
  const folded = (text) => text.trim().toLocaleLowerCase();

  function narrow(field) {
    const typed = folded(field.value);
    for (const row of rows(field)) row.hidden = !folded(row.dataset.name).includes(typed);
    const isKnown = rows(field).some((row) => folded(row.dataset.name) === typed);
    field.form.querySelector("[data-filter-new]").disabled = !typed || isKnown;
  }

  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-filter]")) narrow(event.target);
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.isComposing || !event.target.matches("[data-filter]")) return;
    const shown = rows(event.target).filter((row) => !row.hidden);
    const same = shown.find((row) => folded(row.dataset.name) === folded(event.target.value));
    const chosen = same ?? (shown.length === 1 ? shown[0] : null);
    if (!chosen || !event.target.value) return;
    event.preventDefault();
    chosen.querySelector("button").click();
  });

  // What was typed is on its way: the field is free for the next one.
  document.addEventListener("htmx:before:request", (event) => {
    const field = event.target.closest?.(".choices")?.querySelector("[data-filter]");
    if (!field) return;
    field.value = "";
    narrow(field);
  });
})();
