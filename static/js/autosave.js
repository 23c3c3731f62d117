// A draft saves itself: after two seconds of rest, when the page is hidden or left, and when the server can be had again.
(() => {
  const REST = 2_000;
  const LONGEST = 15_000;
  const AGAIN = 10_000;
  const KEEP_AFTER = 200;
  // A request that outlives its page may carry 64 KB.
  const LAST_CALL = 50_000;
  const states = new WeakMap();

  function stateOf(form) {
    if (!states.has(form)) states.set(form, { typed: 0, saved: 0, isKept: false, isFailed: false });
    return states.get(form);
  }

  function forms() {
    return [...document.querySelectorAll("[data-compose]")];
  }

  function isUnsaved(form) {
    return stateOf(form).typed > stateOf(form).saved && !stateOf(form).isLeaving;
  }

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
    if (!form.isConnected || !isUnsaved(form) || (state.isBusy && !keepalive)) return;
    const [typed, name] = [state.typed, composer.keptName(form)];
    const body = composer.textsOf(form);
    body.set("do", "autosave");
    state.isBusy = true;
    const result = await composer.post(form, body, { keepalive: keepalive && form.elements.text.value.length < LAST_CALL });
    state.isBusy = false;
    if (state.isLeaving || !form.isConnected) return;
    if (result.state !== "saved") return failed(form, result.state);
    state.saved = Math.max(state.saved, typed);
    state.isFailed = false;
    composer.forget(form, name);
    show(form, "");
    composer.place(form, result.answer, result.address);
    if (isUnsaved(form)) {
      keep(form);
      saveAfter(form, REST);
    }
  }

  async function failed(form, reason) {
    const state = stateOf(form);
    state.isFailed = true;
    await keep(form);
    if (!isUnsaved(form)) return;
    const words = form.querySelector("[data-autosave]").dataset;
    show(form, [state.isKept ? words.kept : words.here, words[reason]].filter(Boolean).join(" "));
    form.querySelector("[data-sign-in]").hidden = reason !== "signedOut";
    if (reason !== "gone") saveAfter(form, AGAIN);
  }

  function show(form, words) {
    const status = form.querySelector("[data-autosave]");
    // Read out where something is wrong, and not every time that all is well.
    status.toggleAttribute("role", false);
    delete status.dataset.state;
    form.querySelector("[data-sign-in]").hidden = true;
    if (!words) return;
    status.dataset.state = "failed";
    status.setAttribute("role", "alert");
    status.textContent = words;
  }

  function saveAll(options) {
    for (const form of forms()) save(form, options);
  }

  document.addEventListener("visibilitychange", () => saveAll({ keepalive: document.hidden }));
  window.addEventListener("pagehide", () => saveAll({ keepalive: true }));
  window.addEventListener("online", () => saveAll());
  window.addEventListener("focus", () => saveAll());

  window.addEventListener("beforeunload", (event) => {
    const isAtRisk = (form) => isUnsaved(form) && (stateOf(form).isFailed || form.elements.text.value.length >= LAST_CALL);
    if (forms().some(isAtRisk)) event.preventDefault();
  });

  // A button takes the text along, and what it brings leaves this form behind.
  function leaves(form) {
    stateOf(form).isLeaving = true;
  }

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
