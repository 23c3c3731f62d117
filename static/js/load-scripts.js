// Loads scripts that a page was not sent with, in their order: loadScripts([address, …]) is done when they have run.
window.loadScripts = (addresses) => Promise.all(addresses.map((src) => new Promise((resolve, reject) => {
  const script = Object.assign(document.createElement("script"), { src, async: false });
  script.addEventListener("load", resolve);
  script.addEventListener("error", reject);
  document.head.append(script);
})));
