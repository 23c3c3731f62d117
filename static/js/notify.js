// Tells of new mail outside the page: by the push service of this browser, else by the page while it is open.
//
// Says how it stands as "notifications-state" (off, pushed, open, denied, none), and hears "notifications-asked" and
// "notifications-wanted". It asks for leave only when somebody has pressed the button.
(() => {
  const page = document.querySelector("[data-pulse]");
  const SWITCH = "notifications";
  if (!page || !("Notification" in window)) return;
  const { newsUrl, pushKeyUrl, pushUrl, pushEndUrl } = page.dataset;
  const told = new Set();
  let lookedAt = performance.now();

  const isOn = () => localStorage.getItem(SWITCH) === "on" && Notification.permission === "granted";
  const registration = () => navigator.serviceWorker?.getRegistration("/");
  const subscription = async () => (await registration())?.pushManager?.getSubscription() ?? null;

  function post(url, fields = {}) {
    const headers = { ...JSON.parse(document.body.getAttribute("hx-headers:inherited")), "HX-Request": "true" };
    return fetch(url, { method: "POST", headers, body: new URLSearchParams(fields) });
  }

  async function introduce(made) {
    const { endpoint, keys } = made.toJSON();
    const answer = await post(pushUrl, { endpoint, ...keys });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    page.dataset.pushKnown = "yes";
  }

  async function subscribe() {
    const worker = await navigator.serviceWorker.ready;
    const { key } = await (await fetch(pushKeyUrl)).json();
    // One that was made with an older key of the server would never be reached.
    await (await subscription())?.unsubscribe();
    const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    await introduce(made);
  }

  async function turnOn() {
    if ((await Notification.requestPermission()) !== "granted") return;
    localStorage.setItem(SWITCH, "on");
    if (await registration()) await subscribe();
  }

  async function turnOff() {
    localStorage.removeItem(SWITCH);
    await (await subscription())?.unsubscribe();
    await post(pushEndUrl);
  }

  async function state() {
    if (!isSecureContext) return "none";
    if (Notification.permission === "denied") return "denied";
    if (!isOn()) return "off";
    return (await subscription()) ? "pushed" : "open";
  }

  async function say() {
    document.dispatchEvent(new CustomEvent("notifications-state", { detail: await state() }));
  }

  // A browser without a push service still tells while the page is open.
  document.addEventListener("notifications-wanted", async (event) => {
    await (event.detail ? turnOn() : turnOff()).catch(() => {});
    say();
  });

  async function tell() {
    const seconds = (performance.now() - lookedAt) / 1000 + 2;
    lookedAt = performance.now();
    if (!isOn() || document.hasFocus() || (await subscription())) return;
    const { news } = await (await fetch(`${newsUrl}?within=${seconds}`)).json();
    for (const each of news.filter(({ tag }) => !told.has(tag))) {
      told.add(each.tag);
      const shown = new Notification(each.title, { body: each.body, tag: each.tag, lang: document.documentElement.lang, icon: page.dataset.icon });
      shown.addEventListener("click", () => { window.focus(); open(each.url, each.tag); shown.close(); });
    }
  }

  // Whoever comes later than the first word asks for it.
  document.addEventListener("notifications-asked", say);
  document.addEventListener("mail-came", () => tell().catch(() => {}));
  // Signed in anew, or given another address by its push service: the server does not know this browser any more.
  subscription().then((made) => { if (made && !page.dataset.pushKnown) return introduce(made); }).catch(() => {}).finally(say);
})();
