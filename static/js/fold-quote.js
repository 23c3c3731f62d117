// Folds the quotation below an answer away until its writer asks for it: what he writes needs the room.
(() => {
  document.addEventListener("rich:ready", ({ target: root }) => {
    const button = buttonOf(root);
    if (!button || !isAnswer(root)) return;
    root.dataset.folded = "";
    button.hidden = false;
  });

  function buttonOf(root) {
    return root.closest("[data-compose]")?.querySelector("[data-unfold]");
  }

  // Only what stands at the end: an answer between the lines must not disappear.
  function isAnswer(root) {
    const quote = root.querySelector(":scope > .moz-cite-prefix + blockquote");
    const after = quote ? [...root.children].slice([...root.children].indexOf(quote) + 1) : [];
    return quote && !quote.previousElementSibling.matches(":first-child") && after.every((node) => !node.textContent.trim());
  }

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-unfold]");
    if (!button) return;
    const root = button.closest("form").querySelector("[data-rich]");
    delete root.dataset.folded;
    button.hidden = true;
    root.editor.focus();
  });
})();
