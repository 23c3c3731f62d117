// Tells what became of a draft that saves itself, and keeps the page open while something typed is only here.
const forms = new WeakSet();

document.addEventListener("input", (event) => {
  const form = event.target.closest("[data-compose]");
  if (form) forms.add(form);
});

// Typing goes on while a draft is saved: what is typed after the request has left is not in it.
document.addEventListener("htmx:before:request", (event) => {
  const form = event.target.closest("[data-compose]");
  if (form) forms.delete(form);
});

for (const name of ["htmx:error", "htmx:response:error"]) {
  document.addEventListener(name, (event) => failed(event.target));
}

// A session that ended is answered with the page to sign in, which holds nothing of a draft.
document.addEventListener("htmx:after:swap", (event) => {
  const status = event.target.closest("[data-autosave]");
  if (!status) return;
  if (status.querySelector("[data-saved]")) delete status.dataset.state;
  else failed(status);
});

document.addEventListener("submit", (event) => forms.delete(event.target));

window.addEventListener("beforeunload", (event) => {
  const isUnsaved = [...document.querySelectorAll("[data-compose]")].some((form) => forms.has(form));
  if (isUnsaved) event.preventDefault();
});

function failed(element) {
  const form = element.closest?.("[data-compose]");
  const status = form?.querySelector("[data-autosave]");
  if (!status) return;
  forms.add(form);
  status.dataset.state = "failed";
  status.textContent = status.dataset.failed;
}
