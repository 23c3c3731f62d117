// The service worker: a page for when the server cannot be reached, and notifications. It keeps no page with mail.
const { name, page, files } = self.shell;

self.addEventListener("install", (event) => {
  // What a page sends as it is left would pass through this worker, and be lost when the page has gone before it starts.
  event.addRoutes?.([{ condition: { requestMethod: "POST" }, source: "network" }]);
  event.waitUntil(keep());
});
self.addEventListener("activate", (event) => event.waitUntil(begin()));
self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  const { origin, pathname } = new URL(url);
  if (method === "GET" && mode === "navigate") event.respondWith(opened(event));
  else if (origin === self.location.origin && files.includes(pathname)) event.respondWith(kept(event.request));
});

async function keep() {
  const cache = await caches.open(name);
  await cache.addAll([new Request(page, { cache: "reload" }), ...files]);
  await self.skipWaiting();
}

async function begin() {
  for (const each of await caches.keys()) if (each !== name) await caches.delete(each);
  // Asks for the page while this worker still starts.
  await self.registration.navigationPreload?.enable();
  await self.clients.claim();
}

async function opened(event) {
  try {
    return (await event.preloadResponse) ?? (await fetch(event.request));
  } catch {
    return (await caches.match(page)) ?? Response.error();
  }
}

// The other pages have these files too: theirs come as ever, and what was kept is for when nothing comes.
async function kept(request) {
  try {
    return await fetch(request);
  } catch {
    return (await caches.match(request)) ?? Response.error();
  }
}

// Notifications --------------------------------------------------------------------------------------------------------

self.addEventListener("push", (event) => event.waitUntil(notify(event.data?.json() ?? {})));
self.addEventListener("notificationclick", (event) => event.waitUntil(open(event.notification)));

async function notify({ title = "Letterbox", body = "", url = "/", tag = "", lang = "" }) {
  const windows = await self.clients.matchAll({ type: "window" });
  // Pages that nobody sees ask seldom, and still have a number in their titles.
  for (const each of windows) each.postMessage("mail-came");
  // Whoever looks at the inbox has seen it.
  if (windows.some((each) => each.focused)) return;
  const { icon, badge } = self.shell;
  await self.registration.showNotification(title, { body, tag, lang, icon, badge, data: { url } });
  await navigator.setAppBadge?.().catch(() => {});
}

// A page that is open may hold half a letter: it is never sent elsewhere.
async function open(notification) {
  notification.close();
  const { href } = new URL(notification.data?.url ?? "/", self.location.origin);
  const windows = await self.clients.matchAll({ type: "window" });
  const there = windows.find((each) => each.url.split("?")[0] === href.split("?")[0]);
  await (there ? there.focus() : self.clients.openWindow(href));
}
