// A finger draws a line aside: to the right archives, to the left snoozes, where the line has such a button.
(() => {
  const BEGINS = 12;
  const FAR = 88;
  let drag = null;
  let hasDragged = false;

  const buttonFor = (row, across) => row.querySelector(across > 0 ? '.row__actions [formaction$="/archive/"]' : ".row__actions [data-choices=snooze]");

  function end() {
    if (!drag) return;
    drag.link.style.translate = "";
    delete drag.row.dataset.swiped;
    drag.row.classList.remove("row--far");
    drag = null;
  }

  document.addEventListener("pointerdown", (event) => {
    const link = event.pointerType === "touch" && event.isPrimary && event.target.closest(".row__link");
    hasDragged = false;
    if (link) drag = { link, row: link.closest(".row"), x: event.clientX, y: event.clientY };
  });

  document.addEventListener("pointermove", (event) => {
    if (!drag) return;
    const across = event.clientX - drag.x;
    if (!hasDragged && Math.abs(event.clientY - drag.y) > BEGINS) return end();
    if (!hasDragged && Math.abs(across) < BEGINS) return;
    const button = buttonFor(drag.row, across);
    if (!button) return end();
    hasDragged = true;
    drag.button = Math.abs(across) >= FAR ? button : null;
    drag.row.dataset.swiped = button.getAttribute("aria-label");
    drag.row.classList.toggle("row--far", Boolean(drag.button));
    drag.row.classList.toggle("row--rightwards", across > 0);
    drag.link.style.translate = `${across}px`;
  });

  document.addEventListener("pointerup", () => {
    const button = drag?.button;
    end();
    button?.click();
  });
  document.addEventListener("pointercancel", end);

  document.addEventListener("click", (event) => {
    if (!hasDragged || !event.target.closest(".row__link")) return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
})();
