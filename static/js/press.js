// Presses for a key the button of what is ticked, open, or where the keyboard stands.
(() => {
  const button = (place, verbs) => verbs.split("|")
    .map((verb) => place?.querySelector(`[formaction$="/${verb}/"], [name=verb][value="${verb}"], [data-choices="${verb}"]`))
    .find(Boolean);

  // What has no button of its own goes the way of one beside it.
  function clickLike(like, change) {
    const twin = like.cloneNode();
    change(twin);
    twin.hidden = true;
    like.after(twin);
    htmx.process(twin);
    twin.click();
    twin.remove();
  }

  function perform(place, verb) {
    if (place.id === "selection") return clickLike(place.querySelector("[name=verb]"), (twin) => { twin.value = verb; });
    const like = place.querySelector("[formaction]");
    const address = like?.getAttribute("formaction").replace(/[^/]+\/$/, `${verb}/`);
    if (like) clickLike(like, (twin) => twin.setAttribute("formaction", address));
  }

  const areStarred = () => [...document.querySelectorAll(".row:has(.row__check:checked)")].every((row) => row.querySelector(".row__star"));

  const ways = {
    press: (place, verbs) => button(place, verbs)?.click(),

    // "do not-spam|spam unless restore": the first that has a button, else the last; not where a third has one.
    do(place, words) {
      const [verbs, , others] = words.split(" ");
      const there = button(place, verbs);
      if (there) there.click();
      else if (place && !(others && button(place, others))) perform(place, verbs.split("|").at(-1));
    },

    // The bar has no room for marks: of many, the second takes away what all of them have.
    mark(place, verbs) {
      if (place?.id !== "selection") return ways.press(place, verbs);
      const [on, off] = verbs.split("|");
      perform(place, off && areStarred() ? off : on);
    },

    // A line has no room for what its "more" leads to.
    ask(place, of) {
      const [there, more] = [button(place, of), button(place, "more")];
      if (there ?? !more) return there?.click();
      clickLike(more, (twin) => {
        twin.href = more.href.replace("/choices/more/", `/choices/${of}/`);
        twin.dataset.choices = of;
      });
    },

    undo: (_place, selector) => [...document.querySelectorAll(selector)].at(-1)?.click(),
  };

  // What is done to one conversation is done in the order of the keys.
  document.addEventListener("press-wanted", ({ detail: { way, words, where } }) => {
    const press = () => ways[way](where(), words);
    const turn = way === "undo" ? "*" : where()?.dataset.thread ?? where()?.id;
    const detail = { turn, press };
    if (!turn || document.dispatchEvent(new CustomEvent("turn-wanted", { detail, cancelable: true }))) press();
  });
})();
