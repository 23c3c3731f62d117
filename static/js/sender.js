// Another sender signs in another way: the server looks whether the signature is as it was, and changes it.
document.addEventListener("change", (event) => {
  const form = event.target.matches("[name=account]") && event.target.closest("[data-compose]");
  if (form) form.requestSubmit(form.querySelector("[data-sender]"));
});
