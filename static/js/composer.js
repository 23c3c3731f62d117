// What the scripts of the composer share: post what a form holds beside the page, and place what comes back.
(() => {
  // A request that outlives its page may carry 64 KB.
  const LAST_CALL = 56_000;
  const STATES = { 204: "gone", 409: "otherPerson" };

  // Signing in again, in another tab, changes the token; the form still holds the old one.
  function refreshToken(body) {
    const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1];
    if (token) body.set("csrfmiddlewaretoken", token);
  }

  // The texts of a form, each time under a higher number: requests of one tab may overtake each other.
  function textsOf(form) {
    form.elements.count.value = Number(form.elements.count.value) + 1;
    const body = new FormData(form);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    return body;
  }

  // A letter takes up to four octets, and a quotation stands in its HTML as well as in its text.
  function outlivesPage(body) {
    return new Blob([...body.values()].filter((value) => typeof value === "string")).size < LAST_CALL;
  }

  async function post(form, body, { keepalive = false } = {}) {
    refreshToken(body);
    const headers = { "HX-Request": "true", "HX-Current-URL": location.href };
    try {
      const response = await fetch(form.action, { method: "POST", body, headers, keepalive: keepalive && outlivesPage(body), redirect: "manual" });
      if (response.type === "opaqueredirect") return { state: "signedOut" };
      if (response.status in STATES) return { state: STATES[response.status] };
      if (!response.ok) return { state: "refused" };
      const address = response.headers.get("HX-Replace-Url");
      return { state: "saved", answer: parse(await response.text()), address };
    } catch {
      return { state: "offline" };
    }
  }

  function parse(html) {
    return new DOMParser().parseFromString(html, "text/html");
  }

  // Never touches what is being typed.
  function place(form, answer, address) {
    for (const field of answer.querySelectorAll("[data-stamp]")) form.elements[field.name].value = field.value;
    for (const part of ["[data-twin]", "[data-files]"]) {
      const [old, made] = [form.querySelector(part), answer.querySelector(part)];
      if (old && made && !old.isEqualNode(made)) old.replaceWith(made);
    }
    const saved = answer.querySelector("[data-saved]");
    if (saved) form.querySelector("[data-autosave]").replaceChildren(saved);
    if (address) history.replaceState(history.state, "", address);
  }

  window.composer = { outlivesPage, parse, place, post, refreshToken, textsOf };
})();
