// Tells what became of a draft that saves itself, and keeps the page open while something typed is only here.
(() => {
  const unsaved = new WeakSet();

  function formOf(event) {
    return event.target.closest?.("[data-compose]");
  }

  function failed(form, words = "failed") {
    const status = form.querySelector("[data-autosave]");
    unsaved.add(form);
    status.dataset.state = "failed";
    status.textContent = status.dataset[words];
  }

  document.addEventListener("input", (event) => {
    const form = formOf(event);
    if (form) unsaved.add(form);
  });

  document.addEventListener("submit", (event) => unsaved.delete(event.target));

  // What is typed after the request has left is not in it, so the mark goes now and comes back with the next letter.
  document.addEventListener("htmx:config:request", (event) => {
    const form = formOf(event);
    if (!form) return;
    unsaved.delete(form);
    // Signing in again, in another tab, changes the token; the form still holds the old one.
    const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];
    if (token) event.detail.ctx.request.body.set("csrfmiddlewaretoken", token);
  });

  // The page to sign in must not take the place of what was typed: this listener comes before those of the shell.
  document.addEventListener("htmx:before:response", (event) => {
    const form = formOf(event);
    if (!form || !event.detail.ctx.response.raw.redirected) return;
    event.preventDefault();
    event.stopPropagation();
    failed(form, "signedOut");
  }, true);

  // The line beside the title says it where nobody asked; only a pressed button deserves more.
  document.addEventListener("htmx:error", (event) => {
    const form = formOf(event);
    if (!form) return;
    failed(form);
    if (event.target.matches("[data-autosave]")) event.stopPropagation();
  }, true);

  // 422 brings the sheet back with what is wrong.
  document.addEventListener("htmx:response:error", (event) => {
    const form = formOf(event);
    if (form && event.detail.ctx.response.status !== 422) failed(form);
  });

  document.addEventListener("htmx:after:swap", (event) => {
    const status = event.target.closest?.("[data-autosave]");
    if (status?.querySelector("[data-saved]")) delete status.dataset.state;
  });

  window.addEventListener("beforeunload", (event) => {
    const forms = [...document.querySelectorAll("[data-compose]")];
    if (forms.some((form) => unsaved.has(form))) event.preventDefault();
  });
})();
