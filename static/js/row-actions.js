// Puts the buttons of a line where they belong as soon as a pointer or the keyboard is on it: six hundred of them at
// once are what a slow phone is busy with longest. They wait in a noscript, so that browsers without scripts have them.
(() => {
  function arm(row) {
    const kept = row?.querySelector("noscript");
    if (!kept) return;
    const drawn = document.createElement("template");
    // The page's parser keeps them as text, htmx's makes elements of them.
    drawn.innerHTML = kept.children.length ? kept.innerHTML : kept.textContent;
    const actions = drawn.content.firstElementChild;
    kept.replaceWith(actions);
    htmx.process(actions);
  }

  const armNear = (event) => arm(event.target.closest?.(".row"));
  const armBelow = () => arm(document.querySelector(".row:hover"));

  // "row-wanted" is for scripts that are about to press one of the buttons.
  for (const name of ["pointerover", "pointerdown", "focusin", "row-wanted"]) document.addEventListener(name, armNear, true);
  // The pointer may have been there before the line was, or before this script.
  for (const name of ["DOMContentLoaded", "htmx:after:swap"]) document.addEventListener(name, armBelow);
})();
