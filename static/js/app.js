// Puts the service worker to work once the page stands, and takes it away, with all it knows, when somebody signs out.
(() => {
  const worker = navigator.serviceWorker;
  const PATIENCE = 2_000;
  if (!worker) return;

  async function leave() {
    const registration = await worker.getRegistration("/");
    const subscription = await registration?.pushManager?.getSubscription();
    await subscription?.unsubscribe();
    await registration?.unregister();
    for (const name of await caches.keys()) await caches.delete(name);
    await navigator.clearAppBadge?.();
  }

  const soon = () => new Promise((resolve) => { setTimeout(resolve, PATIENCE); });

  // The server forgets this browser's subscription by itself; nobody waits for a browser that does not answer.
  document.addEventListener("submit", async (event) => {
    if (!event.target.matches("[data-sign-out]")) return;
    event.preventDefault();
    await Promise.race([leave().catch(() => {}), soon()]);
    event.target.submit();
  });

  if (document.querySelector("[data-pulse]")) {
    addEventListener("load", () => {
      worker.register("/worker.js", { updateViaCache: "all" }).catch(() => {});
    });
  }
})();
