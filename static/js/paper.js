// Turns the paper of a message dark and white again, and remembers the choice while the window is open.
(() => {
  const name = (link) => `paper:${link.target}`;

  function turn(link, paper) {
    const frame = document.querySelector(`iframe[name="${CSS.escape(link.target)}"]`);
    if (!frame) return;
    const isDark = paper === "dark";
    // Replaced, not followed: going back leads to the list and not to the other paper.
    const address = new URL(frame.src);
    address.searchParams.set("paper", paper);
    frame.contentWindow.location.replace(address);
    frame.classList.toggle("message__frame--dark", isDark);
    link.classList.toggle("icon-button--on", isDark);
    link.setAttribute("aria-pressed", isDark);
    sessionStorage.setItem(name(link), paper);
  }

  function start(root) {
    for (const link of root.querySelectorAll("a[data-paper]")) {
      if (link.role === "button") continue;
      link.role = "button";
      link.setAttribute("aria-pressed", false);
      if (sessionStorage.getItem(name(link)) === "dark") turn(link, "dark");
    }
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-paper]");
    if (!link) return;
    event.preventDefault();
    turn(link, link.ariaPressed === "true" ? "white" : "dark");
  });
  document.addEventListener("DOMContentLoaded", () => start(document));
  document.addEventListener("htmx:after:settle", (event) => start(event.target.parentElement ?? document));
})();
