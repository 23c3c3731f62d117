// Brings an opened menu into sight, and closes it when the reader turns elsewhere.
(() => {
  const open = () => document.querySelectorAll("details[data-menu][open]");

  document.addEventListener("click", (event) => {
    for (const menu of open()) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });

  document.addEventListener("toggle", (event) => {
    if (event.target.matches?.("details[data-menu][open]")) event.target.lastElementChild.scrollIntoView({ block: "nearest" });
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
})();
