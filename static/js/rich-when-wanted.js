// Loads the editor of formatted text when a draft first has formatting: it is four times what the rest of a composer is.
(() => {
  let loading = null;

  const load = (src) => new Promise((resolve, reject) => {
    // In their order, although they were not there from the start.
    const script = Object.assign(document.createElement("script"), { src, async: false });
    script.addEventListener("load", resolve);
    script.addEventListener("error", reject);
    document.head.append(script);
  });

  document.addEventListener("htmx:after:swap", async () => {
    const root = document.querySelector("[data-compose] [data-scripts]:not([contenteditable])");
    if (!root || window.Squire) return;
    try {
      loading ??= Promise.all(root.dataset.scripts.split(" ").map(load));
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
