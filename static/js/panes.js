// Keeps the list where it is while conversations come and go beside it, also through the browser's Back.
(() => {
  let hasOpened = false;
  const listTitle = document.title;

  const pane = () => document.getElementById("pane");
  const list = () => document.querySelector("[data-list]");

  function markCurrent() {
    const open = pane()?.querySelector("[data-thread]")?.dataset.thread;
    for (const link of document.querySelectorAll(".row__link[aria-current]")) {
      if (link.parentElement.id !== open) link.removeAttribute("aria-current");
    }
    if (open) document.getElementById(open)?.querySelector(".row__link")?.setAttribute("aria-current", "true");
  }

  function close() {
    const empty = document.getElementById("pane-empty");
    pane().replaceChildren(empty.content.cloneNode(true));
    document.title = list().dataset.title ?? listTitle;
    markCurrent();
  }

  document.addEventListener("htmx:after:history:push", () => { hasOpened = true; });
  document.addEventListener("htmx:after:swap", markCurrent);

  document.addEventListener("htmx:before:history:restore", (event) => {
    if (!list() || !pane()) return;
    const { path } = event.detail;
    if (path === list().dataset.list) {
      event.preventDefault();
      close();
    } else if (path.startsWith("/m/")) {
      event.preventDefault();
      htmx.ajax("GET", path, { target: "#pane", swap: "innerHTML scroll:top" });
    }
  });

  document.addEventListener("click", (event) => {
    const back = event.target.closest("[data-back]");
    if (!back || !hasOpened || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.back();
  });
})();
