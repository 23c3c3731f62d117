// What is typed or attached while the answer to a button is on its way goes over into the sheet that the answer brings.
(() => {
  const asked = new WeakMap();

  const formOf = (event) => event.target.closest?.("[data-compose]");
  const textsOf = (form) => new Map([...new FormData(form)].filter(([, value]) => typeof value === "string"));

  document.addEventListener("htmx:config:request", (event) => {
    const form = formOf(event);
    if (form) asked.set(form, textsOf(form));
  });

  document.addEventListener("htmx:before:swap", (event) => {
    const form = formOf(event);
    const before = form && asked.get(form);
    const made = event.detail.tasks.map((task) => task.fragment?.querySelector?.("[data-compose]")).find(Boolean);
    if (!before || made?.elements.key.value !== form.elements.key.value) return;
    const typed = [...textsOf(form)].filter(([name, value]) => value !== before.get(name));
    const taken = typed.filter(([name, value]) => take(made, name, value));
    keepFiles(form, made);
    if (taken.length) made.dataset.carried = "";
  });

  // Returns whether it is something that was typed.
  function take(made, name, value) {
    const field = made.elements[name];
    const root = name === "html" && made.querySelector("[data-rich]");
    if (root) root.dataset.html = value;
    else if (name === "count") field.value = Math.max(field.value, value);
    else if (field?.matches?.("textarea, input.compose__input")) field.value = value;
    else return false;
    return name !== "count";
  }

  // An upload that was done meanwhile has brought the list of files of a later revision.
  function keepFiles(form, made) {
    if (Number(form.elements.revision.value) <= Number(made.elements.revision.value)) return;
    made.elements.revision.value = form.elements.revision.value;
    made.querySelector("[data-files]").replaceWith(form.querySelector("[data-files]").cloneNode(true));
  }

  document.addEventListener("htmx:after:swap", () => {
    for (const form of document.querySelectorAll("[data-compose][data-carried]")) {
      delete form.dataset.carried;
      form.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
})();
