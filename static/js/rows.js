// A conversation that rose to the top still stands further down, in a part of the list that was loaded later.
(() => {
  document.addEventListener("htmx:after:settle", () => {
    for (const row of document.querySelectorAll(".rows:not([id]) .row")) {
      if (document.getElementById(row.id) !== row) row.remove();
    }
  });
})();
