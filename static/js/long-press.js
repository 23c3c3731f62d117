// Tells a line that a finger rests on it; the menu that browsers open then, and the click at the end, stay away.
(() => {
  const RESTS = 500;
  const SLACK = 10;
  let press = null;

  function fire() {
    press.isLong = true;
    press.row.dispatchEvent(new CustomEvent("long-press", { bubbles: true }));
  }

  document.addEventListener("pointerdown", (event) => {
    const row = event.pointerType === "touch" && event.target.closest(".row__link")?.closest(".row");
    press = row ? { row, x: event.clientX, y: event.clientY, timer: setTimeout(fire, RESTS) } : null;
  });

  document.addEventListener("pointermove", (event) => {
    if (press && Math.hypot(event.clientX - press.x, event.clientY - press.y) > SLACK) clearTimeout(press.timer);
  });

  for (const name of ["pointerup", "pointercancel"]) {
    document.addEventListener(name, () => clearTimeout(press?.timer));
  }

  document.addEventListener("contextmenu", (event) => { if (press?.isLong) event.preventDefault(); });
  document.addEventListener("click", (event) => {
    if (!press?.isLong || !event.target.closest(".row__link")) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
})();
