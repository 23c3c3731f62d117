// Keeps the keyboard's place in the list when the row it acted on is drawn again or goes away.
(() => {
  let place = null;

  document.addEventListener("submit", (event) => {
    const row = event.submitter?.closest(".row");
    if (!row) return;
    const buttons = [...row.querySelectorAll(".row__actions button")];
    const next = row.nextElementSibling ?? row.previousElementSibling;
    place = { row: row.id, button: buttons.indexOf(event.submitter), next: next?.id };
  }, true);

  document.addEventListener("htmx:after:swap", () => {
    if (!place || document.activeElement !== document.body) return;
    const { row, button, next } = place;
    place = null;
    const again = document.getElementById(row)?.querySelectorAll(".row__actions button")[button];
    const beside = next && document.getElementById(next)?.querySelector(".row__link");
    (again ?? beside)?.focus({ preventScroll: true });
  });
})();
