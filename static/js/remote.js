// Asks again for images of a message that are still on their way. The frame itself has no scripts.
(() => {
  const WAITS = [1, 1, 2, 2, 4, 4, 8, 8];
  // Milliseconds in which an image that was here already comes.
  const SOON = 300;
  const REMOTE = /url\("?([^")]*\/remote\/[^")]*)"?\)/;

  function again(image, place, tries) {
    if (tries >= WAITS.length) return;
    setTimeout(() => {
      if (!place.isConnected) return;
      image.addEventListener("error", () => again(image, place, tries + 1), { once: true });
      image.src = image.src;
    }, WAITS[tries] * 1000);
  }

  function watch(image, place) {
    if (image.complete && !image.naturalWidth) again(image, place, 0);
    else image.addEventListener("error", () => again(image, place, 0), { once: true });
  }

  // A background tells nobody that it failed: an image of the same address is asked in its place.
  function watchBackground(place, address, show) {
    const probe = new Image();
    const began = performance.now();
    probe.addEventListener("load", () => { if (performance.now() - began > SOON) show(`${address}?late`); });
    watch(probe, place);
    probe.src = address;
  }

  function watchAll(frame) {
    const body = frame.contentDocument?.body;
    if (!body || body.dataset.watched !== undefined) return;
    body.dataset.watched = "";
    for (const image of body.querySelectorAll("img[src*='/remote/']")) watch(image, image);
    for (const place of body.querySelectorAll("[background*='/remote/']")) {
      watchBackground(place, place.getAttribute("background"), (address) => place.setAttribute("background", address));
    }
    for (const place of body.querySelectorAll("[style*='/remote/']")) {
      const address = REMOTE.exec(place.style.backgroundImage)?.[1];
      if (address) watchBackground(place, address, (late) => { place.style.backgroundImage = `url("${late}")`; });
    }
  }

  function start(root) {
    for (const frame of root.querySelectorAll("iframe[data-fit]")) {
      if (frame.dataset.images !== undefined) continue;
      frame.dataset.images = "";
      frame.addEventListener("load", () => watchAll(frame));
      watchAll(frame);
    }
  }

  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:after:settle", (event) => start(event.target.parentElement ?? document));
})();
