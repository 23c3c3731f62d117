// Gives the frame of an HTML message the height of its content, and follows it while images arrive.
(() => {
  // Beyond this a frame scrolls in itself: no message may push the rest of the page out of reach (threat 19).
  const MOST = 20_000;

  function fit(frame) {
    const root = frame.contentDocument?.documentElement;
    if (!root || !frame.contentDocument.body) return;
    const height = Math.min(Math.ceil(root.getBoundingClientRect().height), MOST);
    if (height) frame.style.blockSize = `${height}px`;
  }

  function follow(frame) {
    const body = frame.contentDocument?.body;
    if (!body || body.dataset.followed) return;
    body.dataset.followed = "";
    fit(frame);
    frame.dataset.fitted = "";
    new ResizeObserver(() => fit(frame)).observe(body);
  }

  function start(root) {
    for (const frame of root.querySelectorAll("iframe[data-fit]")) {
      frame.addEventListener("load", () => follow(frame));
      if (frame.contentDocument?.readyState === "complete") follow(frame);
    }
  }

  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:after:settle", (event) => start(event.target.parentElement ?? document));
})();
