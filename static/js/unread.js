// Shows how much is unread where the page itself is not seen: before its title, in its icon, on the installed app.
(() => {
  const page = document.querySelector("[data-unread]");
  const icon = document.querySelector("link[rel~=icon]");
  if (!page || !icon) return;
  const plainIcon = icon.href;
  const mark = () => (page.dataset.unread ? `(${page.dataset.unread}) ` : "");
  let shown = mark();
  let drawing = "";

  // Only what stands there by this script or the server: a subject may begin with a number of its own.
  function showTitle() {
    const bare = document.title.startsWith(shown) ? document.title.slice(shown.length) : document.title;
    shown = mark();
    if (document.title !== shown + bare) document.title = shown + bare;
  }

  // More than two characters cannot be read at this size.
  const short = (unread) => (unread.length > 2 ? "99+" : unread);

  function marked(unread) {
    const size = { 1: 15, 2: 12 }[unread.length] ?? 9;
    const badge = `<circle cx="16" cy="16" r="8" fill="#1b1817" stroke="#fff" stroke-width="1"/><text x="16" y="${16 + size * 0.36}" fill="#fff" font-family="system-ui,sans-serif" font-size="${size}" font-weight="700" text-anchor="middle">${unread}</text>`;
    return `data:image/svg+xml,${encodeURIComponent(drawing.replace("</svg>", `${badge}</svg>`))}`;
  }

  async function showIcon() {
    const { unread } = page.dataset;
    if (unread && !drawing) drawing = await (await fetch(plainIcon)).text();
    icon.href = unread ? marked(short(unread)) : plainIcon;
  }

  function showBadge() {
    if (!navigator.setAppBadge) return;
    const count = Number.parseInt(page.dataset.unread, 10);
    (count ? navigator.setAppBadge(count) : navigator.clearAppBadge()).catch(() => {});
  }

  function show() {
    showTitle();
    showIcon().catch(() => {});
    showBadge();
  }

  document.addEventListener("unread-counted", show);
  // Whatever is opened in the page brings a title of its own.
  new MutationObserver(showTitle).observe(document.querySelector("title"), { childList: true });
  show();
})();
