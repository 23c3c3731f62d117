// Single keys, as the table in the page says: never while somebody types, in a dialog, or with another key held.
(() => {
  const keys = document.getElementById("keys");
  if (!keys) return;
  const table = JSON.parse(keys.dataset.keys);
  const beginnings = new Set(Object.keys(table).filter((keys) => keys.includes(" ")).map((keys) => keys[0]));
  const WAITS = 1_500;
  let [begun, lastRow, timer] = ["", "", 0];

  const isTyping = (element) => element.matches("textarea, select, [contenteditable], input:not([type=checkbox], [type=radio])") || element.isContentEditable;
  const isBusy = () => document.querySelector("dialog[open], details[data-menu][open], :popover-open");
  const conversation = () => document.querySelector(".mail:not(.mail--leaving) #pane .conversation");
  const rows = () => [...document.querySelectorAll(".row:not(.row--leaving)")];
  const row = () => document.activeElement?.closest(".row") ?? document.querySelector(".row:has(.row__link[aria-current])") ?? document.getElementById(lastRow);

  function move(way) {
    if (conversation()) return document.querySelector(`[data-step="${way}"]`)?.click();
    const all = rows();
    const at = all.indexOf(row());
    const next = at < 0 ? all[0] : all[at + (way === "older" ? 1 : -1)];
    next?.querySelector(".row__link").focus();
  }

  // The ticked ones, else the open one, else the one where the keyboard stands; with its buttons.
  function where() {
    const isMany = document.querySelector(".row__check:checked, #selection [name=all]:checked");
    const place = isMany ? document.getElementById("selection") : conversation() ?? row();
    place?.dispatchEvent(new Event("row-wanted"));
    return place;
  }

  const wanted = (way) => (words) => document.dispatchEvent(new CustomEvent("press-wanted", { detail: { way, words, where } }));
  const click = (selector) => [...document.querySelectorAll(selector)].at(-1)?.click();

  const acts = {
    move,
    press: wanted("press"),
    do: wanted("do"),
    mark: wanted("mark"),
    ask: wanted("ask"),
    help: () => document.dispatchEvent(new Event("help-wanted")),
    go: (url) => { location.href = url; },
    open: () => row()?.querySelector(".row__link").click(),
    tick: () => row()?.querySelector(".row__check").click(),
    select: (which) => document.dispatchEvent(new CustomEvent("select-rows", { detail: which })),
    click,
    undo: wanted("undo"),
    focus: (selector) => { const field = document.querySelector(selector); field?.focus(); field?.select(); },
    back: () => document.querySelector("#pane [data-back]")?.click(),
  };

  document.addEventListener("focusin", (event) => { lastRow = event.target.closest(".row")?.id ?? lastRow; });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented || isBusy()) return;
    if (isTyping(event.target)) {
      if (event.key === "Escape" && event.target.matches("#q")) (row() ?? rows()[0])?.querySelector(".row__link").focus();
      return;
    }
    const act = table[begun ? `${begun} ${event.key}` : event.key];
    const begins = !begun && beginnings.has(event.key);
    if (event.key !== "Shift") begun = "";
    if (act) {
      event.preventDefault();
      const [name, ...value] = act.split(" ");
      acts[name](value.join(" "));
    } else if (begins) {
      begun = event.key;
      // That of an earlier beginning would end this one.
      clearTimeout(timer);
      timer = setTimeout(() => { begun = ""; }, WAITS);
    }
    // Before others close what is open, for Escape closes one thing at a time.
  }, true);
})();
