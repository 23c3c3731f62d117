// Sends one file with what the form holds, and tells how much of it has left, which fetch() does not.
(() => {
  function uploadRequest(form, file, { advance, answered, failed, ended }) {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("HX-Current-URL", location.href);
    request.upload.addEventListener("progress", (event) => advance(event.loaded / event.total));
    request.addEventListener("load", () => {
      answered(composer.parse(request.responseText), request.getResponseHeader("HX-Replace-Url"));
    });
    request.addEventListener("error", failed);
    request.addEventListener("loadend", ended);
    request.send(bodyOf(form, file));
    return request;
  }

  function bodyOf(form, file) {
    const body = composer.textsOf(form);
    composer.refreshToken(body);
    body.set("do", "attach");
    body.append("files", file, file.name);
    return body;
  }

  window.composer.uploadRequest = uploadRequest;
})();
