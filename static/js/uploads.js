// Uploads files one after another, each with a bar of its own that can be stopped; Send waits for all of them.
(() => {
  const jobs = [];

  function composerOn() {
    return document.querySelector("[data-compose]");
  }

  function words() {
    return composerOn().querySelector("[data-uploads-list]").dataset;
  }

  function upload(files) {
    for (const file of files) add(file);
    next();
  }

  function add(file) {
    const job = { file, state: "waiting" };
    job.line = composer.uploadLine(composerOn(), file, { stop: () => stop(job), again: () => again(job) });
    jobs.push(job);
    if (file.size > Number(words().limit)) fail(job, words().tooLarge, { isFinal: true });
  }

  function next() {
    show();
    if (jobs.some((job) => job.state === "sending")) return;
    const job = jobs.find((each) => each.state === "waiting");
    if (job) send(job);
  }

  // fetch() tells nothing about an upload under way.
  function send(job) {
    const form = composerOn();
    const body = composer.textsOf(form);
    composer.refreshToken(body);
    body.set("do", "attach");
    body.append("files", job.file, job.file.name);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("HX-Request", "true");
    request.setRequestHeader("HX-Current-URL", location.href);
    request.upload.addEventListener("progress", (event) => job.line.advance(event.loaded / event.total));
    request.addEventListener("load", () => place(job, request));
    request.addEventListener("error", () => fail(job, words().failed));
    request.addEventListener("loadend", next);
    Object.assign(job, { state: "sending", request });
    show();
    request.send(body);
  }

  // The sheet may have been swapped during the upload, so its parts are looked up now.
  function place(job, request) {
    const answer = composer.parse(request.responseText);
    const files = answer.querySelector("[data-files]");
    if (!files) return fail(job, words().failed);
    const trouble = files.querySelector(".compose__error");
    trouble?.remove();
    composer.place(composerOn(), answer, request.getResponseHeader("HX-Replace-Url"));
    if (trouble) fail(job, trouble.textContent.trim(), { isFinal: true });
    else drop(job);
  }

  function fail(job, text, options) {
    job.state = "failed";
    job.line.fail(text, options);
  }

  function again(job) {
    job.state = "waiting";
    job.line.advance(0);
    next();
  }

  function stop(job) {
    job.request?.abort();
    drop(job);
    next();
  }

  function drop(job) {
    jobs.splice(jobs.indexOf(job), 1);
    job.line.row.remove();
  }

  // A message must not leave without the file that is still on its way.
  function show() {
    const form = composerOn();
    if (!form) return;
    form.querySelector("[data-uploads-list]").append(...jobs.map((job) => job.line.row));
    form.querySelector("[data-send]").disabled = isUnderWay();
  }

  function isUnderWay() {
    return jobs.some((job) => job.state !== "failed");
  }

  document.addEventListener("htmx:after:swap", show);
  window.addEventListener("beforeunload", (event) => {
    if (isUnderWay()) event.preventDefault();
  });

  window.composer.upload = upload;
})();
