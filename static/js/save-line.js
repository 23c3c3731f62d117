// The line beside the title: when the draft was saved, or why it was not and where its text is meanwhile.
(() => {
  function sayNothing(form) {
    const line = form.querySelector("[data-autosave]");
    // Read out where something is wrong, and not every time that all is well.
    line.removeAttribute("role");
    delete line.dataset.state;
    form.querySelector("[data-sign-in]").hidden = true;
  }

  function sayUnsaved(form, reason, { isKept }) {
    const line = form.querySelector("[data-autosave]");
    line.dataset.state = "failed";
    line.setAttribute("role", "alert");
    line.textContent = [isKept ? line.dataset.kept : line.dataset.here, line.dataset[reason]].filter(Boolean).join(" ");
    form.querySelector("[data-sign-in]").hidden = reason !== "signedOut";
  }

  Object.assign(window.composer, { sayNothing, sayUnsaved });
})();
