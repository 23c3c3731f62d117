// The buttons above the foot of a rich draft: what they do, what they show, and the arrow keys between them.
(() => {
  const FORMATS = {
    bold: { tag: "B", on: "bold", off: "removeBold" },
    italic: { tag: "I", on: "italic", off: "removeItalic" },
    list: { tag: "UL", on: "makeUnorderedList", off: "removeList" },
    numbers: { tag: "OL", on: "makeOrderedList", off: "removeList" },
    quote: { tag: "BLOCKQUOTE", on: "increaseQuoteLevel", off: "decreaseQuoteLevel" },
    link: { tag: "A" },
    clear: { on: "removeAllFormatting" },
  };

  document.addEventListener("rich:ready", (event) => {
    const { editor } = event.target;
    const bar = barOf(event.target);
    buttons(bar).forEach((button, at) => { button.tabIndex = at ? -1 : 0; });
    for (const name of ["pathChange", "select", "input"]) editor.addEventListener(name, () => show(bar, editor));
    const control = /Mac|iPhone|iPad/.test(navigator.platform) ? "Meta" : "Ctrl";
    editor.setKeyHandler(`${control}-k`, (_, key) => {
      key.preventDefault();
      bar.querySelector("[data-format=link]").click();
    });
  });

  function barOf(root) {
    return root.closest("[data-rich-box]").querySelector("[data-formats]");
  }

  function buttons(bar) {
    return [...bar.querySelectorAll("button")];
  }

  function show(bar, editor) {
    for (const button of bar.querySelectorAll("[aria-pressed]")) {
      button.setAttribute("aria-pressed", editor.hasFormat(FORMATS[button.dataset.format].tag));
    }
  }

  // The words that are chosen stay so while a button is pressed.
  document.addEventListener("mousedown", (event) => {
    if (event.target.closest("[data-formats] button")) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-format]");
    const editor = button?.closest("[data-rich-box]").querySelector("[data-rich]").editor;
    const format = FORMATS[button?.dataset.format];
    if (!editor || !format.on) return;
    const isOn = format.tag && editor.hasFormat(format.tag);
    editor[isOn ? format.off : format.on]();
    show(button.closest("[data-formats]"), editor);
  });

  document.addEventListener("keydown", (event) => {
    const bar = event.target.closest("[data-formats]");
    if (!bar) return;
    const all = buttons(bar);
    const at = all.indexOf(event.target);
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 };
    if (!(event.key in steps)) return;
    event.preventDefault();
    const next = all.at(steps[event.key] % all.length);
    for (const button of all) button.tabIndex = button === next ? 0 : -1;
    next.focus();
  });
})();
