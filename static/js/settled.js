// What a swap brings is htmx's when it has settled, some milliseconds later: a form that is sent before, by a key or a
// quick finger, would load a whole page.
document.addEventListener("submit", ({ target }) => htmx.process(target), true);
