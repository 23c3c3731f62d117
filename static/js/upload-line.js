// The line of one file that is on its way: its name, a bar, how much of it has left, and what went wrong.
(() => {
  function uploadLine(form, file, { stop, again }) {
    const row = form.querySelector("[data-upload-row]").content.firstElementChild.cloneNode(true);
    const part = (name) => row.querySelector(`[data-upload-${name}]`);
    const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });
    part("name").textContent = file.name;
    part("stop").addEventListener("click", stop);
    part("again").addEventListener("click", again);

    function advance(share) {
      delete row.dataset.state;
      row.querySelector("progress").value = share;
      part("share").textContent = share ? percent.format(share) : "";
    }

    function fail(text, { isFinal = false } = {}) {
      row.dataset.state = "failed";
      part("words").textContent = text;
      part("again").hidden = isFinal;
    }

    return { row, advance, fail };
  }

  window.composer.uploadLine = uploadLine;
})();
