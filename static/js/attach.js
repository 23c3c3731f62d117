// Files are uploaded as soon as they are chosen, with a bar; without this script the form carries them.
(() => {
  let underWay = 0;

  for (const event of ["DOMContentLoaded", "htmx:after:swap"]) {
    document.addEventListener(event, () => {
      for (const form of document.querySelectorAll("[data-compose]")) form.dataset.uploads = "";
      hold();
    });
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-attach]") && event.target.files.length) upload(event.target);
  });

  // A message must not leave without the file that is still on its way.
  function hold() {
    const send = document.querySelector("[data-send]");
    if (send) send.disabled = underWay > 0;
  }

  // fetch() tells nothing about an upload under way, so htmx cannot show it.
  function upload(input) {
    const body = new FormData(input.form);
    body.set("do", "attach");
    const request = new XMLHttpRequest();
    request.open("POST", input.form.action);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("HX-Current-URL", location.href);
    request.upload.addEventListener("progress", (event) => show(event.loaded / event.total));
    request.addEventListener("load", () => place(request));
    request.addEventListener("error", fail);
    request.addEventListener("loadend", () => {
      underWay -= 1;
      hold();
    });
    underWay += 1;
    hold();
    show(0);
    input.value = "";
    request.send(body);
  }

  function show(share, words = "") {
    const box = document.querySelector("[data-attach-progress]");
    if (!box) return;
    box.hidden = false;
    box.querySelector("progress").hidden = Boolean(words);
    box.querySelector("progress").value = share;
    box.querySelector("p").textContent = words;
  }

  // The sheet may have been swapped during the upload, so its parts are looked up now.
  function place(request) {
    const answer = new DOMParser().parseFromString(request.responseText, "text/html");
    const form = document.querySelector("[data-compose]");
    const files = answer.querySelector("[data-files]");
    if (!form) return;
    if (!files) return fail();
    form.querySelector("[data-files]").replaceWith(files);
    form.querySelector("[data-autosave]").replaceChildren(...answer.querySelector("[data-autosave]").childNodes);
    form.querySelector("[data-attach-progress]").hidden = true;
    const address = request.getResponseHeader("HX-Replace-Url");
    if (address) history.replaceState(history.state, "", address);
  }

  function fail() {
    show(0, document.querySelector("[data-attach-progress]")?.dataset.failed);
  }
})();
