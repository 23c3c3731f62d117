// The list of the keys, over the page: written by the server each time that it is asked for.
(() => {
  const dialog = document.getElementById("keys");

  document.addEventListener("help-wanted", () => {
    dialog.showModal();
    htmx.ajax("GET", dialog.dataset.help, { target: dialog, swap: "innerHTML" });
  });
  // A click beside it closes it.
  dialog?.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
})();
