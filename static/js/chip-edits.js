// Changes the addresses of a field that shows chips: what is typed, pasted, edited or taken away goes into its text.
(() => {
  const field = (part) => part.closest("[data-people]");
  const entry = (people) => people.querySelector("[data-entry]");
  const texts = (people) => [...people.querySelectorAll("[data-chip]")].map((chip) => chip.dataset.chip);

  // The text is the truth; chips are drawn from it unless somebody is still typing.
  function write(people, words, detail = "") {
    const source = people.querySelector("[data-source]");
    source.value = words.map((each) => each.trim()).filter(Boolean).join(", ");
    source.dispatchEvent(new CustomEvent("input", { bubbles: true, detail }));
  }

  function take(people, text = entry(people).value) {
    if (text.trim()) write(people, [...texts(people), text]);
  }

  function remove(chip) {
    const people = field(chip);
    chip.remove();
    write(people, [...texts(people), entry(people).value]);
    entry(people).focus();
  }

  function edit(chip) {
    const people = field(chip);
    const text = chip.dataset.chip;
    remove(chip);
    entry(people).value = text;
    entry(people).select();
    write(people, [...texts(people), text], "typing");
  }

  function pressed(event, input) {
    const last = input.parentElement.previousElementSibling;
    const isAtStart = input.selectionStart === 0 && input.selectionEnd === 0;
    if (event.key === "Enter") {
      // Never the first button of the form.
      event.preventDefault();
      take(field(input));
    } else if (last && isAtStart && (event.key === "ArrowLeft" || (event.key === "Backspace" && !input.value))) {
      event.preventDefault();
      last.querySelector("button").focus();
    }
  }

  function pressedOnChip(event, chip) {
    const beside = { ArrowLeft: chip.previousElementSibling ?? chip, ArrowRight: chip.nextElementSibling }[event.key];
    const takesAway = event.key === "Backspace" || event.key === "Delete";
    if (beside || takesAway) event.preventDefault();
    if (takesAway) remove(chip);
    else if (beside) beside.querySelector("button, input").focus();
    else if (event.key.length === 1 && event.key !== " ") entry(field(chip)).focus();
  }

  document.addEventListener("keydown", (event) => {
    const chip = event.target.closest("[data-chip]");
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (chip) pressedOnChip(event, chip);
    else if (event.target.matches("[data-entry]")) pressed(event, event.target);
  });

  document.addEventListener("input", (event) => {
    if (!event.target.matches?.("[data-entry]")) return;
    const people = field(event.target);
    if (!event.isComposing && addresses.hasEnded(event.target.value)) take(people);
    else write(people, [...texts(people), event.target.value], "typing");
  });

  document.addEventListener("paste", (event) => {
    if (!event.target.matches("[data-entry]")) return;
    const text = event.clipboardData.getData("text/plain");
    // A text field of one line would drop the line ends between addresses.
    if (addresses.split(text).length < 2 && !addresses.hasEnded(text)) return;
    event.preventDefault();
    take(field(event.target), `${event.target.value}${text}`);
  });

  document.addEventListener("focusout", (event) => {
    if (event.target.matches("[data-entry]")) take(field(event.target));
  });

  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-chip]");
    if (chip && event.target.closest("button")) (event.target.closest("[data-remove]") ? remove : edit)(chip);
    else if (event.target.matches(".people__chips")) entry(field(event.target)).focus();
  });

  document.addEventListener("people:take", (event) => take(field(event.target), event.detail));
})();
