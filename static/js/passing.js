// Takes an offer away after a while, but never from under the pointer or the keyboard.
(() => {
  const LASTS = 10_000;

  function fade(offer) {
    if (!offer.isConnected) return;
    if (offer.matches(":hover, :focus-within")) setTimeout(fade, LASTS / 4, offer);
    else offer.remove();
  }

  document.addEventListener("htmx:after:settle", () => {
    for (const offer of document.querySelectorAll("[data-passing]:not([data-timed])")) {
      offer.dataset.timed = "";
      setTimeout(fade, LASTS, offer);
    }
  });
})();
