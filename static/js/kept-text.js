// Keeps what is typed in the browser until the server has it, locked with the writer's own key: whoever uses this
// browser next finds nothing to read. The key comes with the page and is never stored.
(() => {
  const DAYS = 60;
  const queues = new Map();

  function prefix(form) {
    return `letterbox.kept.${form.elements.writer.value}.`;
  }

  // Two tabs on one draft keep their texts apart.
  function keptName(form, key = form.elements.key.value) {
    return `${key}.${form.elements.tab.value}`;
  }

  function lock(form) {
    const octets = Uint8Array.from(atob(form.dataset.lock), (letter) => letter.charCodeAt(0));
    return crypto.subtle.importKey("raw", octets, "AES-GCM", false, ["encrypt", "decrypt"]);
  }

  function toText(octets) {
    return btoa(Array.from(new Uint8Array(octets), (octet) => String.fromCharCode(octet)).join(""));
  }

  function toOctets(text) {
    return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  }

  // One after another for each draft: what was asked last is what stands there in the end.
  function inTurn(name, work) {
    const turn = (queues.get(name) ?? Promise.resolve()).then(work).catch(() => false);
    queues.set(name, turn);
    return turn;
  }

  // Resolves to whether it is kept. Without TLS browsers lock nothing, so nothing is written down.
  function keep(form) {
    if (!crypto.subtle) return Promise.resolve(false);
    const fields = [...new FormData(form)].filter(([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken");
    const name = prefix(form) + keptName(form);
    return inTurn(name, async () => {
      const iv = crypto.getRandomValues(new Uint8Array(12));
      const plain = new TextEncoder().encode(JSON.stringify(fields));
      const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await lock(form), plain);
      localStorage.setItem(name, JSON.stringify({ at: Date.now(), iv: toText(iv), box: toText(box) }));
      return true;
    });
  }

  function forget(form, name) {
    return inTurn(prefix(form) + name, () => localStorage.removeItem(prefix(form) + name));
  }

  // What is kept of this writer, the latest first: [{name, at, fields}].
  async function all(form) {
    prune();
    if (!crypto.subtle) return [];
    const names = Object.keys(localStorage).filter((name) => name.startsWith(prefix(form)));
    const found = await Promise.all(names.map((name) => open(form, name)));
    return found.filter(Boolean).sort((one, other) => other.at - one.at);
  }

  async function open(form, name) {
    try {
      const { at, iv, box } = JSON.parse(localStorage.getItem(name));
      const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: toOctets(iv) }, await lock(form), toOctets(box));
      return { name: name.slice(prefix(form).length), at, fields: JSON.parse(new TextDecoder().decode(plain)) };
    } catch {
      return null;
    }
  }

  // Also of writers who never came back.
  function prune() {
    for (const name of Object.keys(localStorage).filter((each) => each.startsWith("letterbox.kept."))) {
      const at = Number(/"at":(\d+)/.exec(localStorage.getItem(name))?.[1]);
      if (!(at > Date.now() - DAYS * 86_400_000)) localStorage.removeItem(name);
    }
  }

  Object.assign(window.composer, { all, forget, keep, keptName });
})();
