// Takes files by the button, dropped on the composer, and pasted.
(() => {
  function composerOn() {
    return document.querySelector("[data-compose]");
  }

  // The button stands for the plain field, which serves where no script runs.
  function dress() {
    const form = composerOn();
    if (form) form.dataset.uploads = "";
  }

  document.addEventListener("DOMContentLoaded", dress);
  document.addEventListener("htmx:after:swap", dress);

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-attach]")) return;
    composer.upload([...event.target.files]);
    event.target.value = "";
  });

  function holdsFiles(event) {
    return composerOn() && event.dataTransfer?.types.includes("Files");
  }

  function mark(isOver) {
    composerOn()?.toggleAttribute("data-dropping", isOver);
  }

  // Beside the composer too: a file that misses it must not take the place of the page.
  document.addEventListener("dragover", (event) => {
    if (!holdsFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    const isOver = Boolean(event.target.closest("[data-compose]"));
    event.dataTransfer.dropEffect = isOver ? "copy" : "none";
    mark(isOver);
  });

  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) mark(false);
  });

  document.addEventListener("drop", (event) => {
    mark(false);
    if (!holdsFiles(event) || event.defaultPrevented) return;
    event.preventDefault();
    if (event.target.closest("[data-compose]")) composer.upload([...event.dataTransfer.files]);
  });

  // A table copied from a spreadsheet is a picture as well; its text is what was meant.
  document.addEventListener("paste", (event) => {
    const { files, types } = event.clipboardData ?? {};
    if (event.defaultPrevented || !files?.length || types.includes("text/plain") || !composerOn()) return;
    event.preventDefault();
    composer.upload([...files]);
  });
})();
