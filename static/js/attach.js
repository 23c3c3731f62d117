// Files are uploaded as soon as they are chosen, with a bar; without this script the form carries them.
(() => {
  for (const event of ["DOMContentLoaded", "htmx:after:swap"]) {
    document.addEventListener(event, () => {
      for (const form of document.querySelectorAll("[data-compose]")) form.dataset.uploads = "";
    });
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-attach]") && event.target.files.length) upload(event.target);
  });

  // fetch() tells nothing about an upload under way, so htmx cannot show it.
  function upload(input) {
    const form = input.form;
    const body = new FormData(form);
    body.set("do", "attach");
    input.value = "";
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.upload.addEventListener("progress", (event) => show(form, event.loaded / event.total));
    request.addEventListener("load", () => place(form, request.responseText));
    request.addEventListener("error", () => fail(form));
    show(form, 0);
    request.send(body);
  }

  function show(form, share) {
    const box = form.querySelector("[data-attach-progress]");
    box.hidden = false;
    box.querySelector("progress").hidden = false;
    box.querySelector("progress").value = share;
    box.querySelector("p").textContent = "";
  }

  function place(form, text) {
    const answer = new DOMParser().parseFromString(text, "text/html");
    const files = answer.querySelector("[data-files]");
    if (!files) return fail(form);
    form.querySelector("[data-files]").replaceWith(files);
    form.querySelector("[data-autosave]").replaceChildren(...answer.querySelector("[data-autosave]").childNodes);
    form.querySelector("[data-attach-progress]").hidden = true;
  }

  function fail(form) {
    const box = form.querySelector("[data-attach-progress]");
    box.querySelector("progress").hidden = true;
    box.querySelector("p").textContent = box.dataset.failed;
  }
})();
