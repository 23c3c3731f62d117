// Opens what is to be chosen beside the button that asked for it, and closes it when the choice is made.
(() => {
  const GAP = 4;
  let button = null;
  let group = "";
  const box = () => document.getElementById("choices");
  // The line or bar that it stands in may have been drawn again meanwhile.
  const opener = () => {
    if (!button || button.isConnected) return button;
    const place = document.getElementById(group);
    place?.dispatchEvent(new Event("row-wanted"));
    return place?.querySelector(`[data-choices="${button.dataset.choices}"]`) ?? place?.querySelector(".row__link");
  };

  function place(anchor) {
    const { left, right, bottom, top } = anchor.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = box();
    // Towards the middle of the window, and so not over the side bar.
    const start = left + right < innerWidth ? left : right - width;
    const below = bottom + GAP + height <= innerHeight ? bottom + GAP : Math.max(GAP, top - GAP - height);
    box().style.setProperty("--choices-left", `${Math.max(GAP, Math.min(start, innerWidth - width - GAP))}px`);
    box().style.setProperty("--choices-top", `${Math.max(GAP, Math.min(below, innerHeight - height - GAP))}px`);
  }

  document.addEventListener("click", (event) => {
    const asked = event.target.closest("[data-choices]");
    if (asked) {
      box().dataset.of = asked.dataset.choices;
      // A link within the box only turns its page.
      if (!box().contains(asked)) [button, group] = [asked, asked.closest(".row, .conversation__offers, #selection")?.id];
    } else if (event.target.closest("[data-choices-close]") && box().matches(":popover-open")) {
      event.preventDefault();
      box().hidePopover();
    }
  });

  document.addEventListener("htmx:after:swap", (event) => {
    const hasNew = event.detail.ctx.target === box();
    if (hasNew && !box().matches(":popover-open")) box().showPopover();
    if (!box().matches(":popover-open")) return;
    if (opener()) place(opener());
    if (hasNew) (box().querySelector("[autofocus]") ?? box().querySelector("a, button"))?.focus();
  });

  // A window that was turned or enlarged has its button elsewhere.
  addEventListener("resize", () => {
    if (box()?.matches(":popover-open") && opener()) place(opener());
  });

  document.addEventListener("submit", (event) => {
    if (event.target.matches("[data-chosen]") && box().contains(event.target)) box().hidePopover();
  });

  document.addEventListener("toggle", (event) => {
    if (event.target !== box() || event.newState !== "closed") return;
    opener()?.focus({ preventScroll: true });
  }, true);
})();
