// The switch of this browser in Settings: shows how it stands, and asks for what is wanted.
(() => {
  const place = document.querySelector("[data-notify]");
  if (!place) return;

  function show(state) {
    for (const each of place.querySelectorAll("[data-notify-state]")) each.hidden = each.dataset.notifyState !== state;
    place.removeAttribute("aria-busy");
  }

  document.addEventListener("notifications-state", (event) => show(event.detail));
  place.addEventListener("click", (event) => {
    const wanted = event.target.closest("[data-notify-wanted]")?.dataset.notifyWanted;
    if (!wanted) return;
    place.setAttribute("aria-busy", "true");
    document.dispatchEvent(new CustomEvent("notifications-wanted", { detail: wanted === "on" }));
  });
  if ("Notification" in window) document.dispatchEvent(new CustomEvent("notifications-asked"));
  else show("none");
})();
