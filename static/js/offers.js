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

  document.addEventListener("focusout", (event) => {
    if (event.target.matches("[data-entry]")) close(event.target);
  });

  Object.assign(window.composer, { offers: { chosen, close, listOf, options, select } });
})();
