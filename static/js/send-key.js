// Ctrl+Enter, or Command+Enter, presses Send.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  event.target.closest("[data-compose]")?.querySelector("[data-send]")?.click();
});
