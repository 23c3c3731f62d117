// The editor of a rich draft in place of its text field; every form that leaves carries what stands in it.
(() => {
  let editors = [];

  for (const event of ["DOMContentLoaded", "htmx:after:swap", "rich:loaded"]) {
    document.addEventListener(event, () => {
      editors = editors.filter((editor) => editor.getRoot().isConnected || editor.destroy());
      for (const root of document.querySelectorAll("[data-rich]:not([contenteditable])")) mount(root);
    });
  }

  function mount(root) {
    let isOurs = true;
    const editor = new Squire(root, {
      tagAttributes: { blockquote: { type: "cite" } },
      sanitizeToDOMFragment: (html) => window.richText.nodes(html, isOurs),
      didError: (error) => { throw error; },
    });
    // Its handles are drawn by styles that the policy of this page forbids.
    editor._imageResizer.destroy();
    editor.setHTML(root.dataset.html);
    isOurs = false;
    tellChanges(root, editor);
    root.addEventListener("mousedown", (event) => pressedBeside(event, editor));
    editors.push(editor);
    root.editor = editor;
    root.dispatchEvent(new CustomEvent("rich:ready", { bubbles: true }));
    if (root.closest("form").querySelector("[name=text]")?.autofocus) begin(editor);
  }

  // What a button does is typing too; that the editor has set itself up is not, and must not make a draft.
  function tellChanges(root, editor) {
    let before = editor.getHTML();
    editor.addEventListener("input", () => {
      const now = editor.getHTML();
      if (now !== before) root.dispatchEvent(new Event("input", { bubbles: true }));
      before = now;
    });
  }

  // Below the signature nobody wants to write: before anything is typed, the room below the text stands for its start.
  function pressedBeside(event, editor) {
    const root = editor.getRoot();
    if (event.target !== root || event.button !== 0 || root.contains(document.activeElement)) return;
    if (root.firstElementChild?.textContent.trim() || !root.querySelector(".signature, .moz-cite-prefix")) return;
    event.preventDefault();
    begin(editor);
  }

  function begin(editor) {
    editor.moveCursorToStart();
    editor.focus();
  }

  document.addEventListener("formdata", (event) => {
    for (const root of event.target.querySelectorAll("[data-rich][contenteditable]")) {
      const html = window.richText.html(root.editor.getHTML());
      const field = root.closest("[data-rich-box]").querySelector("[data-rich-value]");
      if (field) event.formData.set(field.name, root.textContent.trim() ? html : "");
      else composed(event.formData, html);
    }
  });

  function composed(data, html) {
    data.set("is_rich", "yes");
    data.set("html", html);
  }

  // The text field is hidden then, and still says where the cursor would be.
  document.addEventListener("click", (event) => {
    const label = event.target.closest("label[for=compose-text]");
    if (label) label.form.querySelector("[data-rich]")?.editor.focus();
  });

  // Plain text cannot hold everything: asked only where something would be lost.
  const LOSSES = "b, i, u, s, em, strong, img, h1, h2, h3, h4, h5, h6, table, pre, code, [data-kept-style], a";

  document.addEventListener("click", (event) => {
    const root = event.target.closest("[data-compose]")?.querySelector("[data-rich]");
    const question = document.querySelector("[data-plain-question]");
    if (event.target.closest("[data-keep-rich]")) question.hidePopover();
    if (!root || !event.target.closest("[data-plain]") || ![...root.querySelectorAll(LOSSES)].some(isLost)) return;
    event.preventDefault();
    question.showPopover();
    question.querySelector("button").focus();
  }, true);

  function isLost(node) {
    return node.tagName !== "A" || node.getAttribute("href").replace(/^mailto:|\/$/g, "") !== node.textContent.replace(/\/$/, "");
  }
})();
