// Fetches a conversation when the pointer rests on its line or the keyboard stands on it, so that it opens at once.
// Asking changes nothing: only a conversation that is shown marks itself as read.
(() => {
  const RESTS = 80;
  const LASTS = 20_000;
  const MOST = 6;
  const kept = new Map();
  let timer = null;

  const place = (link) => link.pathname + link.search;

  function get(path) {
    const headers = { "HX-Request": "true", Accept: "text/html" };
    return fetch(path, { headers, credentials: "same-origin" }).then((response) => {
      if (!response.ok || response.redirected) throw new Error(path);
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

  function rest(event) {
    clearTimeout(timer);
    const link = event.target.closest?.(".row__link");
    if (link && (event.pointerType ?? "mouse") === "mouse") timer = setTimeout(keep, RESTS, place(link));
  }

  document.addEventListener("pointerover", rest);
  document.addEventListener("focusin", rest);

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
