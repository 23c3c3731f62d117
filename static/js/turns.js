// Lets a key wait while an act on the same conversation is under way, for its buttons are still those of before.
// The server does acts in the order in which they were pressed anyway: their forms share one queue.
(() => {
  // An act that was given up never says that it is over.
  const MOST = 10_000;
  const underWay = new Map();
  const waiting = [];

  const thread = ({ sourceElement, request }) => request.submitter?.closest(".row")?.id
    ?? (sourceElement.matches("#selection") ? "selection" : sourceElement.closest("[data-thread]")?.dataset.thread);

  // "*" waits for all of them, as undoing does: what is offered to be undone is still the act before.
  const actsOf = (name) => name === "*" ? [...underWay.values()].flat() : underWay.get(name) ?? [];
  const isBusy = (name) => actsOf(name).some((ctx) => performance.now() - ctx.begunAt < MOST);

  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    const name = ctx.request.method === "POST" && thread(ctx);
    if (!name) return;
    Object.assign(ctx, { turn: name, begunAt: performance.now() });
    underWay.set(name, [...underWay.get(name) ?? [], ctx]);
  });

  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    if (!ctx?.turn) return;
    underWay.set(ctx.turn, underWay.get(ctx.turn).filter((each) => each !== ctx));
    while (waiting.length && !isBusy(waiting[0].turn)) waiting.shift().press();
  });

  // A key asks whether it is its turn; it is pressed again when it is.
  document.addEventListener("turn-wanted", (event) => {
    const { turn } = event.detail;
    if (!isBusy(turn) && !waiting.some((each) => each.turn === turn)) return;
    event.preventDefault();
    waiting.push(event.detail);
  });
})();
