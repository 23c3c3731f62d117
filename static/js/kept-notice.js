// One offer of text that was typed and never saved: what it says, and its two buttons.
(() => {
  function keptValue(kept, name) {
    return (kept.fields.find(([each]) => each === name)?.[1] ?? "").replaceAll("\r\n", "\n");
  }

  // Of a rich draft the text field holds what was saved last; the words typed since are in the HTML.
  function textOf(kept) {
    if (keptValue(kept, "is_rich") !== "yes") return keptValue(kept, "text").trim();
    const words = composer.parse(keptValue(kept, "html").replace(/<[^>]*>/g, " ")).body.textContent;
    return words.replace(/\s+/g, " ").trim();
  }

  function keptNotice(box, form, kept) {
    const notice = box.querySelector("template").content.firstElementChild.cloneNode(true);
    const words = [keptValue(kept, "subject"), textOf(kept).slice(0, 200)].filter(Boolean).join(" — ");
    notice.querySelector("[data-kept-words]").textContent = words || keptValue(kept, "to");
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

  Object.assign(window.composer, { keptNotice, keptValue });
})();
