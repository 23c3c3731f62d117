// Shows the addresses of a text field as chips. The text field stays what the form sends: without this script one
// types into it, with it every change of it is drawn.
(() => {
  const entry = (people) => people.querySelector("[data-entry]");
  const source = (people) => people.querySelector("[data-source]");
  const chips = (people) => [...people.querySelectorAll("[data-chip]")];
  const serverError = (people) => people.parentElement.querySelector(":scope > .compose__error");

  function enhance() {
    for (const people of document.querySelectorAll("[data-people]:not([data-chips])")) {
      const text = source(people);
      const isFocused = text.autofocus || document.activeElement === text;
      people.dataset.chips = "";
      people.prepend(people.querySelector("[data-field]").content.cloneNode(true));
      people.closest(".compose__row").querySelector("label").htmlFor = entry(people).id;
      text.tabIndex = -1;
      text.setAttribute("aria-hidden", "true");
      draw(people);
      if (isFocused) entry(people).focus();
    }
  }

  // A second mention of an address only lends its name.
  function draw(people) {
    for (const chip of chips(people)) chip.remove();
    for (const person of addresses.split(source(people).value).map(addresses.read)) {
      const twin = chips(people).find((chip) => chip.dataset.key === person.key);
      if (!twin) entry(people).parentElement.before(make(people, person));
      else if (person.name && !twin.dataset.name) twin.replaceWith(make(people, person));
    }
    entry(people).value = "";
    source(people).value = chips(people).map((chip) => chip.dataset.chip).join(", ");
    judge(people);
  }

  function make(people, person) {
    const chip = people.querySelector("[data-person]").content.firstElementChild.cloneNode(true);
    Object.assign(chip.dataset, { chip: person.text, key: person.key, name: person.name });
    chip.classList.toggle("person--bad", !person.isGood);
    chip.title = person.text;
    chip.querySelector("bdi").textContent = person.name || person.address || person.text;
    for (const button of chip.querySelectorAll("button")) {
      button.setAttribute("aria-label", button.dataset.label.replace("{}", person.text));
    }
    return chip;
  }

  // Say which are no addresses before the message is sent; what the server has said of them stands below already.
  function judge(people) {
    const bad = chips(people).filter((chip) => chip.classList.contains("person--bad"));
    const faults = people.querySelector("[data-faults]");
    faults.textContent = bad.map((chip) => faults.dataset.words.replace("{}", chip.dataset.chip)).join(" ");
    faults.hidden = !bad.length || Boolean(serverError(people));
    if (bad.length) entry(people).setAttribute("aria-invalid", "true");
    else entry(people).removeAttribute("aria-invalid");
  }

  document.addEventListener("DOMContentLoaded", enhance);
  document.addEventListener("htmx:after:swap", enhance);

  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("[data-chips] > [data-source]")) return;
    serverError(event.target.parentElement)?.remove();
    if (event.detail !== "typing") draw(event.target.parentElement);
  });
})();
