// Tells the team of a conversation that an answer to it is open here, for as long as it is.
(() => {
  const EVERY = 10_000;
  const told = new WeakMap();

  const token = () => JSON.parse(document.body.getAttribute("hx-headers:inherited") ?? "{}")["X-CSRFToken"];

  function tell() {
    for (const sheet of document.querySelectorAll("[data-answering]")) {
      if (document.hidden || Date.now() - (told.get(sheet) ?? 0) < EVERY) continue;
      told.set(sheet, Date.now());
      fetch(sheet.dataset.answering, { method: "POST", headers: { "X-CSRFToken": token() } }).catch(() => {});
    }
  }

  setInterval(tell, 1_000);
  document.addEventListener("htmx:after:swap", tell);
  tell();
})();
