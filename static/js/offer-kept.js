// Offers back what an earlier composer of the same person could not save.
(() => {
  // What is younger belongs to a tab that saves it right now.
  const SETTLED = 4_000;
  const offered = new Set();
  const { keptValue } = composer;

  async function offer() {
    const form = document.querySelector("[data-compose]");
    const box = document.querySelector("[data-kept-offers]");
    if (!form || !box) return;
    for (const kept of await composer.all(form)) {
      if (offered.has(kept.name) || kept.name === composer.keptName(form) || Date.now() - kept.at < SETTLED) continue;
      offered.add(kept.name);
      if (isSaved(kept, await stampOf(box, kept))) composer.forget(form, kept.name);
      else box.append(composer.keptNotice(box, form, kept));
    }
  }

  // The last call of a page that was left is answered to nobody: the server has the text all the same.
  function isSaved(kept, stamp) {
    return stamp.saved_by === keptValue(kept, "tab") && stamp.saved_count > Number(keptValue(kept, "count"));
  }

  async function stampOf(box, kept) {
    try {
      const url = box.dataset.stampUrl.replace("KEY", encodeURIComponent(keptValue(kept, "key")));
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
    const ours = (await composer.all(form)).filter((kept) => keptValue(kept, "key") === form.elements.key.value);
    for (const kept of ours.filter((each) => each.name !== composer.keptName(form))) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const stamp = await stampOf(box, kept);
      const isUntouched = [...new FormData(form)].join() === before;
      if (!isSaved(kept, stamp) || !isUntouched) continue;
      await composer.forget(form, kept.name);
      if (String(stamp.revision) !== form.elements.revision.value) location.reload();
    }
  }

  document.addEventListener("DOMContentLoaded", () => {
    catchUp().then(offer);
    setTimeout(offer, SETTLED + 1_000);
  });
})();
