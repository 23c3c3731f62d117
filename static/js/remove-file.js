// Takes a file off a draft beside the page, so that the letters typed meanwhile stay.
document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-files] [name=remove]");
  if (!button || button.dataset.plain) return;
  event.preventDefault();
  const { form } = button;
  button.disabled = true;
  const body = composer.textsOf(form);
  body.set("do", "attach");
  body.set("remove", button.value);
  const result = await composer.post(form, body);
  if (result.state === "saved") return composer.place(form, result.answer, result.address);
  // As a plain form, which says what went wrong.
  button.disabled = false;
  button.dataset.plain = "";
  form.requestSubmit(button);
});
