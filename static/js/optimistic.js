// Shows at once what an act does to its lines, and takes it back when the server did not do it.
(() => {
  // By these a conversation leaves the list of a folder; a list that crosses folders loses only some.
  const MOVES = new Set(["archive", "inbox", "trash", "restore", "spam", "not-spam", "mute", "snooze"]);
  const CROSSES = new Set(["trash", "spam"]);
  const LEAVES = { search: new Set(), starred: new Set([...CROSSES, "unstar"]), snoozed: MOVES.difference(new Set(["snooze"])) };
  const leaves = (list) => list?.startsWith("label-") ? CROSSES : LEAVES[list] ?? MOVES;

  const verbOf = ({ action, submitter }) => submitter?.name === "verb" ? submitter.value : action.match(/^\/m\/[^/]+\/([\w-]+)\/$|^\/selection\/\?verb=([\w-]+)$/)?.slice(1).find(Boolean);

  function rowsOf(ctx) {
    const form = ctx.sourceElement;
    if (form.matches("#selection, [data-many]")) {
      return form.elements.all?.checked || form.elements.all?.type === "hidden" ? [] : [...document.querySelectorAll(".row:has(.row__check:checked)")];
    }
    const near = ctx.request.submitter?.closest(".row") ?? document.getElementById(form.closest("[data-thread]")?.dataset.thread);
    return near ? [near] : [];
  }

  // By their ids: a row that is on its way out may be drawn again by news of something else.
  const leaving = new Set();

  function hide({ id }) {
    const toggle = (isLeaving) => document.getElementById(id)?.classList.toggle("row--leaving", isLeaving);
    leaving.add(id);
    toggle(true);
    return () => {
      leaving.delete(id);
      toggle(false);
    };
  }

  function star(row) {
    row.dispatchEvent(new Event("row-wanted"));
    const drawing = row.querySelector('.row__actions [formaction$="/star/"] .icon')?.cloneNode(true);
    if (!drawing) return () => {};
    const mark = document.createElement("span");
    mark.className = "row__star";
    drawing.classList.add("icon--small", "icon--filled");
    mark.append(drawing);
    row.querySelector(".row__signs").prepend(mark);
    return () => mark.remove();
  }

  function unstar(row) {
    const mark = row.querySelector(".row__star");
    if (mark) mark.hidden = true;
    return () => { if (mark) mark.hidden = false; };
  }

  function mark(isUnread) {
    return (row) => {
      const was = row.classList.contains("row--unread");
      row.classList.toggle("row--unread", isUnread);
      return () => row.classList.toggle("row--unread", was);
    };
  }

  const SHOWS = { star, unstar, read: mark(false), unread: mark(true) };

  // The keyboard goes on from the next line that stays.
  function stepAside(rows) {
    const isHere = rows.some((row) => row.contains(document.activeElement)) || document.activeElement?.closest("#pane");
    if (!isHere) return;
    const all = [...document.querySelectorAll(".row")];
    const at = all.indexOf(rows[0]);
    const stays = (row) => !rows.includes(row);
    const next = all.slice(at).find(stays) ?? all.slice(0, at).findLast(stays);
    next?.querySelector(".row__link").focus({ preventScroll: true });
  }

  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    const verb = ctx.request.method === "POST" && verbOf(ctx.request);
    if (!verb || ctx.sourceElement.closest("#undo")) return;
    const rows = rowsOf(ctx);
    const list = ctx.request.body.get("in");
    const isLeaving = leaves(list).has(verb);
    const pane = MOVES.has(verb) && ctx.sourceElement.closest("#pane") ? document.querySelector(".mail") : null;
    pane?.classList.add("mail--leaving");
    const steps = rows.map(isLeaving ? hide : SHOWS[verb] ?? (() => () => {}));
    if (isLeaving || pane) stepAside(rows);
    ctx.takeBack = () => {
      for (const step of steps) step();
      pane?.classList.remove("mail--leaving");
    };
    ctx.settle = () => {
      for (const { id } of rows) leaving.delete(id);
      pane?.classList.remove("mail--leaving");
    };
  });

  document.addEventListener("htmx:after:settle", () => {
    for (const id of leaving) document.getElementById(id)?.classList.add("row--leaving");
  });

  document.addEventListener("htmx:error", (event) => event.detail.ctx?.takeBack?.());
  document.addEventListener("htmx:response:error", (event) => event.detail.ctx.takeBack?.());
  document.addEventListener("htmx:finally:request", (event) => event.detail.ctx.settle?.());
})();
