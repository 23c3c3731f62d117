// Opens a conversation beside the list by a click on its line: one listener instead of fifty, which a slow phone notices.
(() => {
  const isPlain = (event) => event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;

  document.addEventListener("click", (event) => {
    const link = event.target.closest(".row__link");
    if (!link || !isPlain(event) || event.defaultPrevented) return;
    event.preventDefault();
    htmx.ajax("GET", link.pathname + link.search, { source: link, target: "#pane", swap: "innerHTML scroll:top", push: "true" });
  });
})();
