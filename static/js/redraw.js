// Keeps the height of a frame and the keyboard's place when a sheet is drawn again on the word about its images.
(() => {
  let before = null;

  document.addEventListener("submit", (event) => {
    const sheet = event.target.closest(".remote") && event.target.closest(".message");
    if (sheet) before = { id: sheet.id, height: sheet.querySelector(".message__frame")?.style.blockSize };
  }, true);

  document.addEventListener("htmx:after:swap", () => {
    const sheet = before && document.getElementById(before.id);
    if (!sheet) return;
    const frame = sheet.querySelector(".message__frame");
    if (frame && before.height) frame.style.blockSize = before.height;
    before = null;
    if (document.activeElement === document.body) {
      sheet.querySelector(".remote__what summary")?.focus({ preventScroll: true });
    }
  });
})();
