// The key z takes back what was done last, as long as the offer stands.
document.addEventListener("keydown", (event) => {
  if (event.key !== "z" || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const button = document.querySelector("[data-undo] button");
  if (!button) return;
  event.preventDefault();
  button.click();
});
