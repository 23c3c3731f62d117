// Selecting conversations: ranges with Shift, a long press of a finger, a count that is said aloud, Escape to clear.
(() => {
  // Lines are drawn again by the server and stay chosen, so they are known by their ids.
  const chosen = new Set();
  let last = null;

  const bar = () => document.querySelector("[data-selection]");
  const boxes = () => [...document.querySelectorAll(".row__check")];
  const all = () => bar()?.elements.all;

  // Whoever chooses lines, or takes one away, does not mean all that the view has.
  function forgetAll() {
    if (all()) all().checked = false;
  }

  function tick(box, isTicked) {
    if (!isTicked) forgetAll();
    if (isTicked && !chosen.has(box.closest(".row").id) && chosen.size >= Number(bar().dataset.selection)) {
      isTicked = false;
    }
    box.checked = isTicked;
    chosen[isTicked ? "add" : "delete"](box.closest(".row").id);
  }

  function tell() {
    const count = bar()?.querySelector("[data-count]");
    if (!count) return;
    const words = chosen.size || all().checked ? count.dataset.count.replace("#", chosen.size) : "";
    const said = all().checked ? all().dataset.all : words;
    if (count.textContent !== said) document.getElementById("announcement").textContent = said;
    count.textContent = said;
  }

  function choose(isWanted) {
    forgetAll();
    for (const box of boxes()) tick(box, isWanted(box.closest(".row")));
    tell();
  }

  const WAYS = {
    all: () => true,
    none: () => false,
    read: (row) => !row.matches(".row--unread"),
    unread: (row) => row.matches(".row--unread"),
    starred: (row) => Boolean(row.querySelector(".row__star")),
    unstarred: (row) => !row.querySelector(".row__star"),
  };

  document.addEventListener("select-rows", (event) => choose(WAYS[event.detail]));

  document.addEventListener("click", (event) => {
    const box = event.target.closest?.(".row__check");
    if (!box) return;
    const shown = boxes();
    const [from, to] = [shown.indexOf(last), shown.indexOf(box)].sort((one, other) => one - other);
    if (event.shiftKey && from >= 0) for (const each of shown.slice(from, to + 1)) tick(each, box.checked);
    tick(box, box.checked);
    last = box;
    tell();
  });

  document.addEventListener("change", (event) => { if (event.target.matches("[data-all]")) tell(); });
  document.addEventListener("reset", (event) => {
    if (event.target === bar()) setTimeout(() => choose(WAYS.none));
  });

  // Enter in a box would press the first button of its form.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches(".row__check, [data-all]")) event.preventDefault();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !(chosen.size || all()?.checked) || document.querySelector("dialog[open], details[data-menu][open], :popover-open")) return;
    event.stopImmediatePropagation();
    // Not by the form: another Escape may come before it has told of its reset.
    choose(WAYS.none);
  }, true);

  document.addEventListener("htmx:after:swap", (event) => {
    const form = event.detail.ctx?.sourceElement;
    const isMany = form === bar() && event.detail.ctx.target === form || form?.matches("[data-many]");
    if (isMany && all()?.checked) bar().reset();
    for (const id of chosen) {
      const box = document.getElementById(id)?.querySelector(".row__check");
      if (box) box.checked = true;
      else chosen.delete(id);
    }
    tell();
  });

  document.addEventListener("long-press", (event) => {
    const box = event.target.querySelector(".row__check");
    tick(box, !box.checked);
    last = box;
    tell();
  });
})();
