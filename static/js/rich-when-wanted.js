// Loads the editor of formatted text when a draft first has formatting: it is nearly three times the rest of a composer.
(() => {
  let loading = null;

  document.addEventListener("htmx:after:swap", async () => {
    const root = document.querySelector("[data-compose] [data-scripts]:not([contenteditable])");
    if (!root || window.Squire) return;
    try {
      loading ??= loadScripts(root.dataset.scripts.split(" "));
      await loading;
      document.dispatchEvent(new CustomEvent("rich:loaded"));
    } catch {
      loading = null;
      document.dispatchEvent(new CustomEvent("loading-failed"));
    }
  });

  // Said aloud: a draft that saved itself late, as rich, must not stay so behind a text field.
  document.addEventListener("formdata", (event) => {
    if (event.target.matches("[data-compose]") && !event.target.querySelector("[data-rich]")) event.formData.set("is_rich", "no");
  });
})();
