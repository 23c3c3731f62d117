// Finds the place in a list again when Back leads to a page that the browser has to load anew.
(() => {
  // So many parts of a list are loaded again, and no more.
  const MOST = 10;
  const list = document.querySelector(".mail__list");
  if (!list) return;
  const name = `place in ${list.dataset.list}`;

  const rows = () => [...document.querySelectorAll(".row")];
  // Lines that were not drawn yet have no height of their own: the place is a line, not a number of pixels.
  const top = (row) => row.getBoundingClientRect().top - list.getBoundingClientRect().top;

  function keep() {
    const first = rows().find((row) => top(row) + row.offsetHeight > 0);
    const place = { row: first?.id, top: first ? top(first) : 0, count: rows().length };
    sessionStorage.setItem(name, JSON.stringify(place));
  }

  async function find(place) {
    for (let part = 0; part < MOST && rows().length < place.count && !document.getElementById(place.row); part += 1) {
      const more = list.querySelector(".rows__more");
      if (!more) break;
      await htmx.ajax("GET", more.getAttribute("hx-get"), { source: more, target: more, swap: "outerHTML" });
    }
    const row = document.getElementById(place.row);
    // Twice more, for lines above take their heights as they come into sight.
    for (let again = 0; row && again < 3; again += 1) {
      list.scrollTop += top(row) - place.top;
      await new Promise(requestAnimationFrame);
    }
  }

  addEventListener("pagehide", keep);
  addEventListener("load", () => {
    const place = JSON.parse(sessionStorage.getItem(name) ?? "null");
    const isBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";
    if (isBack && place?.row) find(place);
  });
})();
