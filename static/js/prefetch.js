// Fetches a conversation before it is opened, so that it opens at once: the one whose line, or the step to which, the
// pointer rests on or the keyboard stands on, and the one below an open one that stands quiet.
// Asking changes nothing: only a conversation that is shown marks itself as read.
(() => {
  const RESTS = 80;
  const QUIET = 1_000;
  const LASTS = 20_000;
  const MOST = 6;
  const kept = new Map();
  let [timer, quiet] = [null, null];

  const place = (link) => link.pathname + link.search;
  // A step is redirected to its neighbour; other pages than conversations are those of somebody signed out.
  const isConversation = (response) => response.ok && new URL(response.url).pathname.startsWith("/m/");

  function get(path) {
    const headers = { "HX-Request": "true", Accept: "text/html" };
    return fetch(path, { headers, credentials: "same-origin" }).then((response) => {
      if (!isConversation(response)) throw new Error(path);
      return response;
    });
  }

  function keep(path) {
    if (kept.has(path) || navigator.connection?.saveData) return;
    if (kept.size >= MOST) kept.delete(kept.keys().next().value);
    const answer = get(path);
    kept.set(path, answer);
    const forget = () => { if (kept.get(path) === answer) kept.delete(path); };
    answer.catch(forget);
    setTimeout(forget, LASTS);
  }

  // Where a step leads: to the line beside the open one, or to what the server has there.
  function stepLink(step) {
    const rows = [...document.querySelectorAll(".row:not(.row--leaving)")];
    const at = rows.findIndex((row) => row.querySelector(".row__link[aria-current]"));
    const beside = at < 0 ? undefined : rows[at + (step.dataset.step === "older" ? 1 : -1)];
    return beside?.querySelector(".row__link") ?? step;
  }

  function rest(event) {
    clearTimeout(timer);
    const link = event.target.closest?.(".row__link, [data-step]");
    if (!link || (event.pointerType ?? "mouse") !== "mouse") return;
    timer = setTimeout(() => keep(place(link.matches("[data-step]") ? stepLink(link) : link)), RESTS);
  }

  function keepNext() {
    const step = document.querySelector("#pane [data-step=older]");
    if (step && !document.hidden) keep(place(stepLink(step)));
  }

  document.addEventListener("pointerover", rest);
  document.addEventListener("focusin", rest);

  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    if (ctx.target?.id !== "pane" || !matchMedia("(hover: hover)").matches) return;
    clearTimeout(quiet);
    quiet = setTimeout(keepNext, QUIET);
  });

  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    // What was fetched is of before this change; that a conversation was read changes no other.
    if (ctx.request.method !== "GET") return ctx.request.action.endsWith("/read/") ? undefined : kept.clear();
    const answer = kept.get(ctx.request.action);
    if (!answer) return;
    kept.delete(ctx.request.action);
    const ask = ctx.fetch;
    ctx.fetch = (...asked) => answer.catch(() => ask(...asked));
  });
})();
