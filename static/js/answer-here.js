// Answers at the end of the conversation instead of on a page of its own, where there is room for it.
(() => {
  const NARROW = "(width < 720px)";
  let loading = null;

  // What the page of the composer would load: not before somebody answers, for most conversations are only read.
  async function load(address) {
    const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
    const known = new Set([...document.scripts].map((script) => script.src));
    await loadScripts([...page.scripts].map((script) => script.src).filter((source) => !known.has(source)));
  }

  async function answer(place, address) {
    try {
      loading ??= load(address);
      await loading;
      await htmx.ajax("GET", address, { target: place, swap: "outerHTML" });
      document.querySelector(".mail__pane [data-compose]").scrollIntoView({ block: "nearest" });
    } catch {
      location.assign(address);
    }
  }

  // While one answer is being written there is no place for another: its link leads to a page, as it does on a phone.
  document.addEventListener("click", (event) => {
    const link = event.target.closest(".mail__pane a[href*='/compose/?']");
    const place = document.querySelector(".mail__pane .answer");
    const isPlain = !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.defaultPrevented;
    if (!link || !place || !isPlain || matchMedia(NARROW).matches) return;
    event.preventDefault();
    link.closest("details[data-menu]")?.removeAttribute("open");
    answer(place, link.href);
  });
})();
