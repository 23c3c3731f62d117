// Keeps the keyboard's place when what it stood on is drawn again or goes away.
(() => {
  const PARTS = ".row__check, .row__link, .row__actions :is(button, a), .conversation__offers :is(button, a)";
  let place = null;

  function remember() {
    const at = document.activeElement;
    const group = at?.closest(".row, .conversation__offers");
    const next = group?.nextElementSibling ?? group?.previousElementSibling;
    place = group && { group: group.id, part: [...group.querySelectorAll(PARTS)].indexOf(at), next: next?.id };
  }

  document.addEventListener("submit", remember, true);
  document.addEventListener("htmx:before:swap", remember);

  document.addEventListener("htmx:after:swap", () => {
    const { group, part, next } = place ?? {};
    place = null;
    if (!group || document.activeElement !== document.body) return;
    // A button that is no more leaves its place to the line, and a line to the next one.
    const drawn = document.getElementById(group);
    drawn?.dispatchEvent(new Event("row-wanted"));
    const again = drawn?.querySelectorAll(PARTS)[part] ?? drawn?.querySelector(".row__link");
    const beside = next ? document.getElementById(next)?.querySelector(".row__link") : null;
    (again ?? beside)?.focus({ preventScroll: true });
  });
})();
