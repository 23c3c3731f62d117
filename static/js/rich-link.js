// Where a link of a rich draft leads: a small dialog for the words that are chosen, or for the link that the cursor is in.
(() => {
  const SCHEME = /^(?:https?:\/\/|mailto:|tel:)/i;

  document.addEventListener("click", (event) => {
    const form = event.target.closest("[data-rich-box]");
    const dialog = form?.querySelector("[data-link]");
    if (!dialog) return;
    if (event.target.closest("[data-format=link]")) open(form, dialog);
    if (event.target.closest("[data-set-link]")) set(form, dialog);
    if (event.target.closest("[data-unlink]")) close(form, dialog, (editor) => editor.removeLink());
  });

  // Enter in the field must not send the message.
  document.addEventListener("keydown", (event) => {
    const dialog = event.target.closest("[data-link]");
    if (!dialog || event.key !== "Enter" || event.target.tagName !== "INPUT") return;
    event.preventDefault();
    set(dialog.closest("[data-rich-box]"), dialog);
  });

  function open(form, dialog) {
    const { editor } = form.querySelector("[data-rich]");
    const selection = editor.getSelection();
    const start = selection.startContainer;
    const link = (start.nodeType === Node.TEXT_NODE ? start.parentNode : start).closest("a")
      ?? selection.cloneContents().querySelector("a");
    const words = selection.toString().trim();
    dialog.querySelector("[data-address]").value = link?.getAttribute("href") ?? (looksLikeAddress(words) ? words : "");
    dialog.querySelector("[data-unlink]").hidden = !link;
    dialog.showPopover();
    dialog.querySelector("[data-address]").select();
  }

  function set(form, dialog) {
    const typed = dialog.querySelector("[data-address]").value.trim();
    if (!typed) return close(form, dialog, (editor) => editor.removeLink());
    close(form, dialog, (editor) => editor.makeLink(address(typed)));
  }

  function close(form, dialog, change) {
    const { editor } = form.querySelector("[data-rich]");
    dialog.hidePopover();
    editor.focus();
    change(editor);
  }

  function looksLikeAddress(words) {
    return SCHEME.test(words) || /^\S+\.\S+$/.test(words);
  }

  function address(typed) {
    if (SCHEME.test(typed)) return typed;
    return /^[^\s@/]+@[^\s@/]+$/.test(typed) ? `mailto:${typed}` : `https://${typed.replace(/^[a-z]+:\/*/i, "")}`;
  }
})();
