// Puts the cursor into a field that was just asked for, such as Cc.
document.addEventListener("click", (event) => {
  const more = event.target.closest("[data-more] > summary")?.parentElement;
  if (more && !more.open) requestAnimationFrame(() => more.querySelector("[data-entry], textarea, input").focus());
});
