// Asks for new mail only while somebody looks, and at once when he comes back.
(() => {
  document.addEventListener("htmx:config:request", (event) => {
    if (document.hidden && event.target.matches("[data-live]")) event.preventDefault();
  });

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) document.dispatchEvent(new CustomEvent("mail-changed"));
  });
})();
