"use strict";
// Shows progress on the pressed row and keeps the others from being pressed
// too. Without script a double press is harmless: the attempt is joined.
(() => {
  const forms = [...document.querySelectorAll("form.choice")];
  const buttons = document.querySelectorAll("form.choice button");
  let sent = false;
  const submit = (event) => {
    if (sent) {
      event.preventDefault();
      return;
    }
    sent = true;
    const pressed = event.submitter;
    setTimeout(() => {
      for (const b of buttons) {
        b.setAttribute("aria-disabled", "true");
      }
      if (pressed) {
        pressed.setAttribute("aria-busy", "true");
      }
    }, 0);
  };
  for (const form of forms) {
    form.addEventListener("submit", submit);
  }
  addEventListener("pageshow", (event) => { // back from the bank: press again
    if (!event.persisted) return;
    sent = false;
    for (const b of buttons) {
      b.removeAttribute("aria-disabled");
      b.removeAttribute("aria-busy");
    }
  });

  // A long list can be searched.
  for (const search of document.querySelectorAll(".search")) {
    search.hidden = false;
    const box = search.closest("form");
    const none = box.querySelector("[data-none]");
    const field = search.querySelector("input");
    const filter = () => {
      const word = field.value.trim().toLocaleLowerCase();
      let found = 0;
      for (const set of box.querySelectorAll("fieldset")) {
        let here = 0;
        for (const label of set.querySelectorAll("label")) {
          label.hidden = !label.textContent.toLocaleLowerCase().includes(word);
          here += label.hidden ? 0 : 1;
        }
        set.hidden = here === 0;
        found += here;
      }
      none.textContent = found ? "" : none.dataset.none;
    };
    field.addEventListener("input", filter);
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter") event.preventDefault(); // it searches already
    });
    box.addEventListener("invalid", () => { // nothing chosen: show all there is to choose
      field.value = "";
      filter();
    }, true);
  }
})();
