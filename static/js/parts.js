// Draws the parts of a list that were loaded below its top again when they are seen after something has changed.
// The top asks for itself; what nobody looks at waits until somebody does.
(() => {
  const stale = new WeakSet();
  const seen = new Set();

  function draw(part) {
    if (!stale.delete(part)) return;
    htmx.trigger(part, "part-changed");
  }

  const watch = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      seen[isIntersecting ? "add" : "delete"](target);
      if (isIntersecting) draw(target);
    }
  }, { rootMargin: "300px" });

  const known = new WeakSet();
  function meet() {
    for (const part of document.querySelectorAll("[data-part]")) {
      if (known.has(part)) continue;
      known.add(part);
      watch.observe(part);
    }
  }

  document.addEventListener("htmx:after:swap", meet);
  document.addEventListener("mail-changed", () => {
    for (const part of document.querySelectorAll("[data-part]")) {
      stale.add(part);
      if (seen.has(part)) draw(part);
    }
  });
  meet();
})();
