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

  function send(job) {
    job.request = composer.uploadRequest(composerOn(), job.file, {
      advance: job.line.advance,
      answered: (answer, address) => place(job, answer, address),
      failed: () => fail(job, words().failed),
      ended: next,
    });
    job.state = "sending";
    show();
  }

  // The sheet may have been swapped during the upload, so its parts are looked up now; without a sheet the file is
  // with its draft all the same.
  function place(job, answer, address) {
    if (!composerOn()) return drop(job);
    const files = answer.querySelector("[data-files]");
    if (!files) return fail(job, words().failed);
    const trouble = files.querySelector(".compose__error");
    trouble?.remove();
    composer.place(composerOn(), answer, address);
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
