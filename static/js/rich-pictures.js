// Pictures that are pasted, dropped or chosen stand in the text of a rich draft as soon as the server has them.
(() => {
  document.addEventListener("rich:ready", (event) => {
    const root = event.target;
    root.editor.addEventListener("pasteImage", (paste) => upload(root, pictures(paste.detail.clipboardData.files)));
    root.addEventListener("dragover", (drag) => {
      if ([...drag.dataTransfer.items].some((item) => item.type.startsWith("image/"))) drag.preventDefault();
    });
    // Other files are left to whoever attaches them.
    root.addEventListener("drop", (drop) => {
      const found = pictures(drop.dataTransfer.files);
      if (!found.length || found.length < drop.dataTransfer.files.length) return;
      drop.preventDefault();
      drop.stopImmediatePropagation();
      putCursor(root, drop);
      upload(root, found);
    }, true);
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-picture]")) event.target.closest("form").querySelector("[data-pictures]").click();
  });

  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-pictures]")) return;
    upload(event.target.closest("form").querySelector("[data-rich]"), pictures(event.target.files));
    event.target.value = "";
  });

  function pictures(files) {
    return [...files].filter((file) => file.type.startsWith("image/"));
  }

  function putCursor(root, drop) {
    const place = document.caretPositionFromPoint?.(drop.clientX, drop.clientY);
    if (!place || !root.contains(place.offsetNode)) return;
    const range = document.createRange();
    range.setStart(place.offsetNode, place.offset);
    root.editor.setSelection(range);
  }

  async function upload(root, files) {
    if (!files.length) return;
    const form = root.closest("form");
    const send = form.querySelector("[data-send]");
    root.setAttribute("aria-busy", "true");
    send.disabled = true;
    say(form, "");
    try {
      await place(root, await fetch(form.action, request(form, files)));
    } catch {
      say(form, form.querySelector("[data-picture-words]").dataset.failed);
    } finally {
      root.removeAttribute("aria-busy");
      send.disabled = false;
    }
  }

  function request(form, files) {
    const body = new FormData(form);
    body.set("do", "embed");
    for (const file of files) body.append("pictures", file, file.name);
    return { method: "POST", body, headers: { "HX-Request": "true", "HX-Current-URL": location.href } };
  }

  async function place(root, response) {
    if (!response.ok || response.redirected) throw new Error(response.status);
    const answer = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-embedded]");
    for (const { alt, attributes } of answer.querySelectorAll("img")) {
      root.editor.insertImage(attributes.src.value, { alt });
    }
    say(root.closest("form"), [...answer.querySelectorAll("p")].map((line) => line.textContent).join(" "));
    const address = response.headers.get("HX-Replace-Url");
    if (address) history.replaceState(history.state, "", address);
  }

  function say(form, words) {
    const box = form.querySelector("[data-picture-words]");
    box.hidden = !words;
    box.textContent = words;
  }
})();
