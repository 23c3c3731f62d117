// Counts down the seconds in which a message can be called back; without it the line names the time.
(() => {
  const STAYS = 4_000;
  // As long as the word from the server may be awaited.
  const AWAITED = 30_000;

  function show(line, name, isShown) {
    for (const part of line.querySelectorAll(`[data-sending-${name}]`)) part.hidden = !isShown;
  }

  function leave(line) {
    for (const name of ["wait", "count", "undo", "bar"]) show(line, name, false);
    show(line, "gone", true);
    let end = setTimeout(() => line.remove(), AWAITED);
    line.addEventListener("htmx:after:swap", () => {
      clearTimeout(end);
      end = setTimeout(() => line.remove(), STAYS);
    });
  }

  function tick(line, count, leavesAt) {
    const left = Math.ceil((leavesAt - Date.now()) / 1000);
    if (left <= 0) return leave(line);
    count.textContent = count.dataset.sendingCount.replace("#", left);
    setTimeout(tick, leavesAt - Date.now() - (left - 1) * 1000, line, count, leavesAt);
  }

  for (const line of document.querySelectorAll("[data-sending]")) {
    const seconds = Number(line.dataset.sending);
    const bar = line.querySelector("[data-sending-bar]");
    // The words without numbers stay for those who listen: a number each second would talk over everything.
    line.querySelector("[data-sending-wait]").classList.add("visually-hidden");
    show(line, "count", true);
    if (!matchMedia("(prefers-reduced-motion: reduce)").matches) {
      bar.hidden = false;
      bar.animate([{ transform: "scaleX(1)" }, { transform: "scaleX(0)" }], { duration: seconds * 1000, fill: "forwards" });
    }
    tick(line, line.querySelector("[data-sending-count]"), Date.now() + seconds * 1000);
  }
})();
