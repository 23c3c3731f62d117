// What became of a pressed button of the composer: its text is stored, or it stays on the page.
(() => {
  function formOf(event) {
    return event.target.closest?.("[data-compose]");
  }

  document.addEventListener("htmx:config:request", (event) => {
    const form = formOf(event);
    if (!form) return;
    const { body } = event.detail.ctx.request;
    body.set("count", composer.textsOf(form).get("count"));
    composer.refreshToken(body);
    composer.leaves(form);
  });

  // The page to sign in must not take the place of what was typed: this listener comes before those of the shell.
  document.addEventListener("htmx:before:response", (event) => {
    const form = formOf(event);
    const answer = event.detail.ctx.response?.raw;
    if (!form || !answer) return;
    if (answer.redirected || answer.status === 409) {
      event.preventDefault();
      event.stopPropagation();
      composer.stays(form, answer.redirected ? "signedOut" : "otherPerson");
    } else if (!answer.ok && answer.status !== 422) {
      composer.stays(form, "refused");
    } else if (!answer.headers.get("X-Draft-Unsaved")) {
      composer.forget(form, composer.keptName(form));
    }
  }, true);

  document.addEventListener("htmx:error", (event) => {
    const form = formOf(event);
    if (form) composer.stays(form, "offline");
  }, true);
})();
