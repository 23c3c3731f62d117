// Gives the frame of an HTML message the height of its content, and follows it while images arrive.
(() => {
  // Beyond this a frame scrolls in itself: no message may push the rest of the page out of reach (threat 19).
  const MOST = 20_000;
  const LEAST_ZOOM = 0.5;

  function fit(frame) {
    const root = frame.contentDocument?.documentElement;
    const body = frame.contentDocument?.body;
    if (!root || !body) return;
    shrink(root, body);
    const height = Math.ceil(root.getBoundingClientRect().height);
    if (!height) return;
    body.toggleAttribute("data-fitted", height <= MOST);
    keepPlace(frame, () => { frame.style.blockSize = `${Math.min(height, MOST)}px`; });
  }

  // The browser keeps in place what it takes for the first thing that is seen. Where that is the end of a frame, what
  // is read stands below it, and moves with its growth.
  function keepPlace(frame, change) {
    const scroller = scrollerOf(frame);
    const top = Math.max(scroller.getBoundingClientRect().top, 0);
    const before = frame.getBoundingClientRect();
    const isEnding = before.top < top && before.bottom >= top && before.bottom < top + scroller.clientHeight / 2;
    change();
    if (isEnding) scroller.scrollBy(0, frame.getBoundingClientRect().bottom - before.bottom);
  }

  function scrollerOf(frame) {
    let at = frame.parentElement;
    while (at && !/auto|scroll/.test(getComputedStyle(at).overflowY)) at = at.parentElement;
    return at ?? document.scrollingElement;
  }

  // A newsletter made for a desk is drawn smaller on a phone rather than cut off.
  function shrink(root, body) {
    body.style.zoom = "";
    const zoom = root.clientWidth / body.scrollWidth;
    if (zoom < 1) body.style.zoom = Math.max(zoom, LEAST_ZOOM);
  }

  function follow(frame) {
    const body = frame.contentDocument?.body;
    // Before its address is loaded, a frame holds an empty document that is complete too.
    if (!body || frame.contentDocument.URL === "about:blank" || body.dataset.followed !== undefined) return;
    body.dataset.followed = "";
    fit(frame);
    frame.dataset.fitted = "";
    new ResizeObserver(() => fit(frame)).observe(body);
  }

  // Its text is there long before "load", which waits for the last image; a frame that takes long is left to that.
  function lookAt(frame, wait = 20) {
    const there = frame.contentDocument;
    if (!frame.isConnected || frame.dataset.fitted !== undefined) return;
    if (there && there.URL !== "about:blank" && there.readyState !== "loading") follow(frame);
    else if (wait < 1000) setTimeout(lookAt, wait, frame, wait * 1.2);
  }

  function start(root) {
    for (const frame of root.querySelectorAll("iframe[data-fit]")) {
      if (frame.dataset.watched !== undefined) continue;
      frame.dataset.watched = "";
      frame.addEventListener("load", () => follow(frame));
      lookAt(frame);
    }
  }

  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:after:settle", (event) => start(event.target.parentElement ?? document));
})();
