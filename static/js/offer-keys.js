// Chooses among the offers below an address field, by keys or by the pointer (ARIA 1.2, combobox).
(() => {
  const { chosen, close, listOf, options, select } = composer.offers;

  function step(entry, by) {
    const all = options(entry);
    const place = all.indexOf(chosen(entry));
    select(entry, all.at(place < 0 && by < 0 ? -1 : (place + by) % all.length));
  }

  function pick(entry, option) {
    entry.dispatchEvent(new CustomEvent("people:take", { bubbles: true, detail: option.dataset.offer }));
    close(entry);
  }

  const KEYS = {
    ArrowDown: (entry) => step(entry, 1),
    ArrowUp: (entry) => step(entry, -1),
    Escape: close,
    Enter: (entry) => chosen(entry) && pick(entry, chosen(entry)),
    Tab: (entry) => chosen(entry) && pick(entry, chosen(entry)),
  };

  // Before the field itself hears the key.
  document.addEventListener("keydown", (event) => {
    const entry = event.target;
    if (!entry.matches("[data-entry]") || listOf(entry).hidden || event.isComposing) return;
    const isPlain = !event.shiftKey && !event.ctrlKey && !event.metaKey;
    const needsChoice = event.key === "Enter" || event.key === "Tab";
    if (!isPlain || !(event.key in KEYS) || (needsChoice && !chosen(entry))) return;
    event.preventDefault();
    event.stopPropagation();
    KEYS[event.key](entry);
  }, true);

  // The field keeps its focus, or what was typed would be taken before the offer.
  document.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[data-offer]");
    if (option) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const option = event.target.closest("[data-offer]");
    if (option) pick(option.closest("[data-people]").querySelector("[data-entry]"), option);
  });
})();
