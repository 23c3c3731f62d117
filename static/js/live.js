// Asks every moment whether anything changed, and tells whatever shows it: mail-changed, sending-changed, pulls-changed.
(() => {
  const SHOWN = 1_500;
  const HIDDEN = 15_000;
  const MOST = 60_000;
  const PATIENCE = 20_000;

  const page = document.querySelector("[data-pulse]");
  if (!page) return;
  const missed = new Set();
  // The page knows the word for its lists alone.
  let pulse = `${page.dataset.pulse}..`;
  let failures = 0;
  let isAsking = false;
  let isWanted = false;
  let timer;

  const say = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));

  // A page that nobody sees is drawn again when somebody does.
  function tell() {
    for (const topic of missed) say(`${topic}-changed`);
    missed.clear();
  }

  async function hear(answer) {
    const news = await answer.json();
    pulse = news.pulse;
    for (const topic of news.changed) missed.add(topic);
    page.dataset.unread = news.unread;
    say("unread-counted", news.unread);
    if (news.changed.includes("mail")) say("mail-came");
    if (!document.hidden) tell();
  }

  async function ask() {
    clearTimeout(timer);
    // What is under way may have been answered before that happened which somebody asks about.
    isWanted = isAsking;
    if (isAsking) return;
    isAsking = true;
    try {
      const answer = await fetch(`${page.dataset.pulseUrl}?since=${pulse}`, { redirect: "manual", signal: AbortSignal.timeout(PATIENCE) });
      failures = answer.status < 400 ? 0 : failures + 1;
      // Signed out meanwhile: whatever the person does next leads to the sign-in page.
      if (answer.type === "opaqueredirect") return;
      if (answer.status === 200) await hear(answer);
    } catch {
      failures += 1;
    } finally {
      isAsking = false;
    }
    timer = setTimeout(ask, isWanted ? 0 : Math.min((document.hidden ? HIDDEN : SHOWN) * 2 ** failures, MOST));
  }

  // Nor do the parts ask that wait for something by a timer of their own.
  document.addEventListener("htmx:config:request", (event) => {
    if (document.hidden && event.target.matches("[data-live]")) event.preventDefault();
  });

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    tell();
    ask();
  });
  addEventListener("pageshow", (event) => { if (event.persisted) ask(); });
  addEventListener("online", ask);
  navigator.serviceWorker?.addEventListener("message", ask);
  timer = setTimeout(ask, SHOWN);
})();
