// Another sender signs in another way: the server looks whether the signature is as it was, and changes it.
document.addEventListener("change", (event) => {
  const form = event.target.matches("[name=account], [name=address]") && event.target.closest("[data-compose]");
  if (!form) return;
  // What was typed would outweigh what is chosen now.
  if (event.target.name === "account" && form.elements.address) form.elements.address.value = "";
  form.requestSubmit(form.querySelector("[data-sender]"));
});
