// Says so when the server could not be asked or could not answer; a poll tries again by itself.
(() => {
  function show(event) {
    if (event.target.matches?.("[data-live]")) return;
    const words = document.getElementById("failure");
    const place = document.getElementById("undo");
    if (words && place) place.replaceChildren(words.content.cloneNode(true));
  }

  document.addEventListener("htmx:error", show);
  document.addEventListener("loading-failed", show);
  document.addEventListener("htmx:response:error", (event) => {
    const { response, takeBack } = event.detail.ctx;
    if (response.status >= 500 || takeBack) show(event);
  });

  // Signed out meanwhile: the answer is the sign-in page, which belongs into the whole window.
  document.addEventListener("htmx:before:response", (event) => {
    const { redirected, url } = event.detail.ctx.response.raw;
    if (!redirected || !new URL(url).pathname.startsWith("/account/login/")) return;
    event.preventDefault();
    location.reload();
  });
})();
