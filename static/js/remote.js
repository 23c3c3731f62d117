// Asks again for images of a message that are still on their way. The frame itself has no scripts.
(() => {
  const WAITS = [1, 1, 2, 2, 4, 4, 8, 8];

  function again(image, tries) {
    if (tries >= WAITS.length) return;
    setTimeout(() => {
      if (!image.isConnected) return;
      image.addEventListener("error", () => again(image, tries + 1), { once: true });
      image.src = image.src;
    }, WAITS[tries] * 1000);
  }

  function watch(frame) {
    const body = frame.contentDocument?.body;
    if (!body || body.dataset.watched) return;
    body.dataset.watched = "";
    for (const image of body.querySelectorAll("img[src*='/remote/']")) {
      if (image.complete && !image.naturalWidth) again(image, 0);
      else image.addEventListener("error", () => again(image, 0), { once: true });
    }
  }

  function start(root) {
    for (const frame of root.querySelectorAll("iframe[data-fit]")) {
      if (frame.dataset.images !== undefined) continue;
      frame.dataset.images = "";
      frame.addEventListener("load", () => watch(frame));
      watch(frame);
    }
  }

  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:after:settle", (event) => start(event.target.parentElement ?? document));
})();
