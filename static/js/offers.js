// Offers contacts below an address field while one types (ARIA 1.2, combobox with a list box).
(() => {
  const WAIT = 80; // milliseconds of rest before the server is asked
  const FULL_ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@.]{2,}$/u;
  let asked = null;
  let timer = 0;

  const listOf = (entry) => document.getElementById(entry.getAttribute("aria-controls"));
  const options = (entry) => [...listOf(entry).querySelectorAll("[data-offer]")];
  const chosen = (entry) => listOf(entry).querySelector("[aria-selected=true]");

  function close(entry) {
    clearTimeout(timer);
    asked?.abort();
    listOf(entry).hidden = true;
    listOf(entry).replaceChildren();
    entry.setAttribute("aria-expanded", "false");
    entry.setAttribute("aria-activedescendant", "");
  }

  async function ask(entry) {
    asked?.abort();
    asked = new AbortController();
    const query = entry.value.trim();
    try {
      const url = `${entry.dataset.offers}?q=${encodeURIComponent(query)}`;
      const response = await fetch(url, { signal: asked.signal, redirect: "error" });
      if (response.ok) show(entry, await response.text(), query);
    } catch {
      // Gone, signed out or asked again meanwhile: typing goes on without offers.
    }
  }

  function show(entry, html, query) {
    if (document.activeElement !== entry || entry.value.trim() !== query) return;
    const chips = [...entry.closest("[data-people]").querySelectorAll("[data-chip]")];
    const known = new Set(chips.map((chip) => chip.dataset.key));
    const found = [...new DOMParser().parseFromString(html, "text/html").querySelectorAll("[data-offer]")];
    const list = listOf(entry);
    list.replaceChildren(...found.filter((option) => !known.has(option.dataset.key)));
    options(entry).forEach((option, place) => { option.id = `${list.id}-${place}`; });
    list.hidden = !list.childElementCount;
    entry.setAttribute("aria-expanded", String(!list.hidden));
    // Whoever has typed a whole address means that one.
    select(entry, FULL_ADDRESS.test(query) ? null : options(entry)[0]);
  }

  function select(entry, option) {
    chosen(entry)?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    entry.setAttribute("aria-activedescendant", option?.id ?? "");
  }

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

  // Until the server has answered, an offer stands only for text that it holds: else Enter could take a stranger.
  function isMeant(option, text) {
    const words = text.toLowerCase().split(/\s+/u);
    return !FULL_ADDRESS.test(text.trim()) && words.every((word) => option.dataset.offer.toLowerCase().includes(word));
  }

  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("[data-entry]")) return;
    clearTimeout(timer);
    if (chosen(event.target) && !isMeant(chosen(event.target), event.target.value)) select(event.target, null);
    if (event.target.value.trim()) timer = setTimeout(ask, WAIT, event.target);
    else close(event.target);
  });

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

  document.addEventListener("focusout", (event) => {
    if (event.target.matches("[data-entry]")) close(event.target);
  });
})();
