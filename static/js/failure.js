// Says so when the server could not be asked or could not answer, or what was asked for is not there any more; a poll
// tries again by itself.
(() => {
  const GONE = new Set([404, 410]);

  function say(event, name) {
    if (event.target.matches?.("[data-live]")) return;
    const words = document.getElementById(name);
    const place = document.getElementById("undo");
    if (words && place) place.replaceChildren(words.content.cloneNode(true));
  }

  const show = (event) => say(event, "failure");

  // The answer is a page of its own, which belongs into no part of this one; nor does its address.
  function miss(event) {
    const { ctx } = event.detail;
    if (ctx.target === document.body) return;
    Object.assign(ctx, { text: "", swap: "none", push: "false", replace: "false" });
    if (!event.target.hasAttribute("hx-status:404")) say(event, "gone");
  }

  document.addEventListener("htmx:error", show);
  document.addEventListener("loading-failed", show);
  document.addEventListener("htmx:response:error", (event) => {
    const { response, takeBack } = event.detail.ctx;
    if (GONE.has(response.status)) miss(event);
    else if (response.status >= 500 || takeBack) show(event);
  });

  // Signed out meanwhile: the answer is the sign-in page, which belongs into the whole window.
  document.addEventListener("htmx:before:response", (event) => {
    const { redirected, url } = event.detail.ctx.response.raw;
    if (!redirected || !new URL(url).pathname.startsWith("/account/login/")) return;
    event.preventDefault();
    location.reload();
  });
})();
