"use strict";
// Shows progress on the pressed row and keeps the others from being pressed
// too. Without script a double press is harmless: the attempt is joined.
(() => {
  const form = document.getElementById("choice");
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const pressed = event.submitter;
    setTimeout(() => {
      for (const b of form.querySelectorAll("button")) {
        b.setAttribute("aria-disabled", "true");
      }
      if (pressed) {
        pressed.setAttribute("aria-busy", "true");
      }
    }, 0);
  });
  addEventListener("pageshow", (event) => { // back from the bank: press again
    if (!event.persisted) return;
    delete form.dataset.sent;
    for (const b of form.querySelectorAll("button")) {
      b.removeAttribute("aria-disabled");
      b.removeAttribute("aria-busy");
    }
  });
})();
