// Turns the pages of the file viewer by the arrow keys, and closes it by Escape: keys stand on the links that they follow.
document.addEventListener("keydown", (event) => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const text = event.target.closest("pre");
  if (text && text.scrollWidth > text.clientWidth && event.key.startsWith("Arrow")) return;
  document.querySelector(`a[data-key="${CSS.escape(event.key)}"]`)?.click();
});
