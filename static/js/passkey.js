// Passkeys: signs in with one, proves with one who sits here, makes a new one. A form says which by data-passkey.
(() => {
  const Passkey = window.PublicKeyCredential;
  // A passkey belongs to a name: an address of numbers can have none.
  const isNumbers = /^[\d.]+$|^\[/.test(location.hostname);
  if (!Passkey?.parseRequestOptionsFromJSON || isNumbers) return;
  // What waits for a passkey from the field's own menu.
  let waiting = null;

  async function asked(form) {
    const from = form.dataset.passkeyOptions;
    const data = from
      ? await (await fetch(from, { headers: { Accept: "application/json" } })).json()
      : JSON.parse(form.querySelector("script[type='application/json']").textContent);
    return (data.request_options ?? data.creation_options).publicKey;
  }

  async function make(form) {
    const wish = await asked(form);
    const holder = { ...wish.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required" };
    const publicKey = Passkey.parseCreationOptionsFromJSON({ ...wish, authenticatorSelection: holder });
    return navigator.credentials.create({ publicKey });
  }

  async function prove(form, options = {}) {
    const publicKey = Passkey.parseRequestOptionsFromJSON(await asked(form));
    return navigator.credentials.get({ publicKey, ...options });
  }

  function hand(form, credential) {
    form.elements.credential.value = JSON.stringify(credential.toJSON());
    form.submit();
  }

  async function answer(form) {
    const failed = form.querySelector("[data-passkey-failed]");
    failed.hidden = true;
    waiting?.abort();
    try {
      hand(form, await (form.dataset.passkey === "new" ? make(form) : prove(form)));
    } catch {
      failed.hidden = false;
    }
  }

  // The passkeys of this page then stand among the names that the browser offers to fill in.
  async function offer(form) {
    const field = document.querySelector("[name='login']");
    if (!field || !(await Passkey.isConditionalMediationAvailable?.())) return;
    field.autocomplete = "username webauthn";
    waiting = new AbortController();
    try {
      hand(form, await prove(form, { mediation: "conditional", signal: waiting.signal }));
    } catch {
      // Given up for the button, or for the password.
    }
  }

  for (const way of document.querySelectorAll("[data-passkey-way]")) way.hidden = false;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    for (const button of form.querySelectorAll("[data-passkey-button]")) button.hidden = false;
    for (const missing of form.querySelectorAll("[data-passkey-missing]")) missing.hidden = true;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answer(form);
    });
    if (form.dataset.passkey === "sign-in") offer(form);
  }
})();
