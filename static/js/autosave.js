// A draft saves itself: after two seconds of rest, when the page is hidden or left, and when the server can be had again.
(() => {
  const REST = 2_000;
  const LONGEST = 15_000;
  const AGAIN = 10_000;
  const KEEP_AFTER = 200;
  const states = new WeakMap();

  function stateOf(form) {
    if (!states.has(form)) states.set(form, { typed: 0, saved: 0, isKept: false, isFailed: false });
    return states.get(form);
  }

  const forms = () => [...document.querySelectorAll("[data-compose]")];
  const isUnsaved = (form) => stateOf(form).typed > stateOf(form).saved && !stateOf(form).isLeaving;

  document.addEventListener("input", (event) => {
    const form = event.target.closest?.("[data-compose]");
    if (!form || event.target.type === "file") return;
    const state = stateOf(form);
    if (!isUnsaved(form)) state.since = Date.now();
    state.typed += 1;
    clearTimeout(state.keepTimer);
    state.keepTimer = setTimeout(() => keep(form), KEEP_AFTER);
    saveAfter(form, Math.min(REST, Math.max(0, state.since + LONGEST - Date.now())));
  });

  function saveAfter(form, wait) {
    const state = stateOf(form);
    clearTimeout(state.saveTimer);
    state.saveTimer = setTimeout(() => save(form), wait);
  }

  async function keep(form) {
    if (isUnsaved(form)) stateOf(form).isKept = await composer.keep(form);
  }

  async function save(form, { keepalive = false } = {}) {
    const state = stateOf(form);
    if (!form.isConnected || !isUnsaved(form) || state.gone === state.typed || (state.isBusy && !keepalive)) return;
    const [typed, name] = [state.typed, composer.keptName(form)];
    const body = composer.textsOf(form);
    body.set("do", "autosave");
    state.isBusy = true;
    const result = await composer.post(form, body, { keepalive });
    state.isBusy = false;
    if (state.isLeaving || !form.isConnected) return;
    if (result.state !== "saved") return failed(form, result.state);
    state.saved = Math.max(state.saved, typed);
    state.isFailed = false;
    composer.forget(form, name);
    composer.sayNothing(form);
    composer.place(form, result.answer, result.address);
    if (isUnsaved(form)) {
      keep(form);
      saveAfter(form, REST);
    }
  }

  async function failed(form, reason) {
    const state = stateOf(form);
    state.isFailed = true;
    // Kept once: whoever has taken it back elsewhere must not be offered it again.
    if (reason === "gone") state.gone = state.typed;
    await keep(form);
    if (!isUnsaved(form)) return;
    composer.sayUnsaved(form, reason, { isKept: state.isKept });
    if (reason !== "gone") saveAfter(form, AGAIN);
  }

  function saveAll(options) {
    for (const form of forms()) save(form, options);
  }

  // The conversation below which it stands may make room for another.
  document.addEventListener("htmx:before:swap", () => saveAll());
  document.addEventListener("visibilitychange", () => saveAll({ keepalive: document.hidden }));
  window.addEventListener("pagehide", () => saveAll({ keepalive: true }));
  for (const name of ["online", "focus"]) window.addEventListener(name, () => saveAll());

  window.addEventListener("beforeunload", (event) => {
    const isAtRisk = (form) => isUnsaved(form) && (stateOf(form).isFailed || !composer.outlivesPage(new FormData(form)));
    if (forms().some(isAtRisk)) event.preventDefault();
  });

  // A button takes the text along, and what it brings leaves this form behind.
  const leaves = (form) => { stateOf(form).isLeaving = true; };

  // Or it did not get through.
  function stays(form, reason) {
    const state = stateOf(form);
    if (!state.isLeaving) return;
    state.isLeaving = false;
    state.typed += 1;
    failed(form, reason);
  }

  Object.assign(window.composer, { leaves, stays });
})();
