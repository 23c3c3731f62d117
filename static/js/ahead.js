// Fetches the scripts of the composer while a page stands quiet, so that writing begins at once.
(() => {
  const QUIET = 8_000;
  const { ahead } = document.querySelector("[data-ahead]")?.dataset ?? {};
  if (!ahead || navigator.connection?.saveData) return;
  // Only to lie in the cache: a page of the composer runs them.
  const get = (address) => fetch(address, { priority: "low" }).catch(() => {});
  addEventListener("load", () => setTimeout(() => ahead.split(" ").forEach(get), QUIET));
})();
