// Asks for new mail only while somebody looks, and at once when he comes back.
(() => {
  document.addEventListener("htmx:config:request", (event) => {
    if (document.hidden && event.target.matches("[data-live]")) event.preventDefault();
  });

  // A conversation that rose to the top still stands further down, in a part of the list that was loaded later.
  document.addEventListener("htmx:after:settle", () => {
    for (const row of document.querySelectorAll(".rows:not([id]) .row")) {
      if (document.getElementById(row.id) !== row) row.remove();
    }
  });

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) document.dispatchEvent(new CustomEvent("mail-changed"));
  });
})();
