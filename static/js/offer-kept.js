// Offers back what an earlier composer of the same person could not save.
(() => {
  // What is younger belongs to a tab that saves it right now.
  const SETTLED = 4_000;
  const offered = new Set();

  async function offer() {
    const form = document.querySelector("[data-compose]");
    const box = document.querySelector("[data-kept-offers]");
    if (!form || !box) return;
    for (const kept of await composer.all(form)) {
      if (offered.has(kept.name) || kept.name === composer.keptName(form) || Date.now() - kept.at < SETTLED) continue;
      offered.add(kept.name);
      if (isSaved(kept, await stampOf(box, kept))) composer.forget(form, kept.name);
      else box.append(made(box, form, kept));
    }
  }

  // The last call of a page that was left is answered to nobody: the server has the text all the same.
  function isSaved(kept, stamp) {
    return stamp.saved_by === valueOf(kept, "tab") && stamp.saved_count > Number(valueOf(kept, "count"));
  }

  async function stampOf(box, kept) {
    try {
      const url = box.dataset.stampUrl.replace("KEY", encodeURIComponent(valueOf(kept, "key")));
      const response = await fetch(url, { redirect: "manual" });
      return response.ok ? await response.json() : {};
    } catch {
      return {};
    }
  }

  // A page that is reloaded right after a letter overtakes its own last call, and shows the text before it.
  async function catchUp() {
    const form = document.querySelector("[data-compose]");
    const box = document.querySelector("[data-kept-offers]");
    if (!form || !box) return;
    const before = [...new FormData(form)].join();
    const ours = (await composer.all(form)).filter((kept) => valueOf(kept, "key") === form.elements.key.value);
    for (const kept of ours.filter((each) => each.name !== composer.keptName(form))) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const stamp = await stampOf(box, kept);
      const isUntouched = [...new FormData(form)].join() === before;
      if (!isSaved(kept, stamp) || !isUntouched) continue;
      await composer.forget(form, kept.name);
      if (String(stamp.revision) !== form.elements.revision.value) location.reload();
    }
  }

  function valueOf(kept, name) {
    return (kept.fields.find(([each]) => each === name)?.[1] ?? "").replaceAll("\r\n", "\n");
  }

  function made(box, form, kept) {
    const notice = box.querySelector("template").content.firstElementChild.cloneNode(true);
    const words = [valueOf(kept, "subject"), valueOf(kept, "text").trim().slice(0, 200)].filter(Boolean).join(" — ");
    notice.querySelector("[data-kept-words]").textContent = words || valueOf(kept, "to");
    const moment = new Date(kept.at);
    const at = notice.querySelector("[data-kept-at]");
    at.dateTime = moment.toISOString();
    at.textContent = moment.toLocaleString(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    notice.querySelector("[data-put-back]").addEventListener("click", () => putBack(notice, form, kept));
    notice.querySelector("[data-throw-away]").addEventListener("click", () => {
      composer.forget(form, kept.name);
      notice.remove();
    });
    return notice;
  }

  // Saved as it was, so that the server judges whether it is older than what it has; then its draft is opened.
  async function putBack(notice, form, kept) {
    let result = await post(form, kept, {});
    // Sent without it meanwhile: a new draft, then.
    if (result.state === "gone") result = await post(form, kept, { key: form.elements.key.value, revision: "0" });
    if (result.state !== "saved") {
      notice.querySelector("[data-kept-trouble]").hidden = false;
      return;
    }
    await composer.forget(form, kept.name);
    location.assign(result.address);
  }

  function post(form, kept, changes) {
    const body = new FormData();
    for (const [name, value] of kept.fields) body.append(name, value);
    for (const [name, value] of Object.entries(changes)) body.set(name, value);
    body.set("count", Number(body.get("count")) + 1);
    body.set("do", "autosave");
    return composer.post(form, body);
  }

  document.addEventListener("DOMContentLoaded", () => {
    catchUp().then(offer);
    setTimeout(offer, SETTLED + 1_000);
  });
})();
