// Keeps the list where it is while conversations come and go beside it, also through the browser's Back.
(() => {
  let hasOpened = false;
  const listTitle = document.title;

  const pane = () => document.getElementById("pane");
  const list = () => document.querySelector("[data-list]");
  const openRow = () => document.getElementById(pane()?.querySelector("[data-thread]")?.dataset.thread ?? "");
  // Where one lies over the other, the browser fades between them.
  const fades = () => matchMedia("(width < 720px) and (prefers-reduced-motion: no-preference)").matches;

  function markCurrent() {
    const open = openRow();
    for (const link of document.querySelectorAll(".row__link[aria-current]")) {
      if (link.parentElement !== open) link.removeAttribute("aria-current");
    }
    open?.querySelector(".row__link")?.setAttribute("aria-current", "true");
  }

  function empty() {
    const row = openRow();
    pane().replaceChildren(document.getElementById("pane-empty").content.cloneNode(true));
    document.title = list().dataset.title ?? listTitle;
    markCurrent();
    row?.querySelector(".row__link").focus({ preventScroll: true });
  }

  function close() {
    if (fades() && document.startViewTransition) document.startViewTransition(empty).ready.catch(() => {});
    else empty();
  }

  // The line above or below the open one, also where the list was loaded in parts.
  function beside(way) {
    const rows = [...document.querySelectorAll(".row:not(.row--leaving)")];
    const at = rows.indexOf(openRow());
    return at < 0 ? undefined : rows[at + (way === "older" ? 1 : -1)];
  }

  document.addEventListener("htmx:after:history:push", () => { hasOpened = true; });
  document.addEventListener("htmx:after:swap", markCurrent);

  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    if (ctx.request.method === "GET" && ctx.target === pane() && fades()) ctx.transition = true;
  });

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

  // What the address of the page names is not there any more: the list is what remains. One that was fetched before it
  // went away is found out as it marks itself as read.
  document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
    const { pathname } = location;
    const isHere = pathname.startsWith("/m/") && ctx.request.action.startsWith(pathname);
    const isAll = ctx.target === pane() || ctx.sourceElement.matches(".conversation__mark");
    if (!isHere || !isAll || !list() || !pane() || ![404, 410].includes(ctx.response.status)) return;
    history.replaceState(history.state, "", list().dataset.list);
    close();
  });

  document.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const step = event.target.closest("[data-step]");
    const next = step && beside(step.dataset.step);
    if (next) {
      event.preventDefault();
      event.stopPropagation();
      next.scrollIntoView({ block: "nearest" });
      next.querySelector(".row__link").click();
    }
    const back = event.target.closest("[data-back]");
    if (!back || !hasOpened) return;
    event.preventDefault();
    history.back();
  }, true);
})();
