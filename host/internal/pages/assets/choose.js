"use strict";
// Shows progress on the pressed row and keeps the others from being pressed
// too. Without script a double press is harmless: the attempt is joined.
(() => {
  const form = document.querySelector("form.choice");
  if (!form) return;
  const buttons = form.querySelectorAll("button");
  let sent = false;
  form.addEventListener("submit", (event) => {
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
  });
  addEventListener("pageshow", (event) => { // back from the bank: press again
    if (!event.persisted) return;
    sent = false;
    for (const b of buttons) {
      b.removeAttribute("aria-disabled");
      b.removeAttribute("aria-busy");
    }
  });

  // A long list is searched while one types. The button does it without script.
  const search = document.querySelector(".search");
  if (!search) return;
  const field = search.querySelector("[type=search]");
  const none = document.querySelector("[data-none]");
  const jumps = document.querySelector(".jumps");
  const fold = (s) => s.normalize("NFD").replace(/\p{Mn}/gu, "").toLowerCase();
  const groups = [...form.querySelectorAll(".group")].map((group) => {
    const title = group.querySelector("h2")?.textContent ?? "";
    const rows = [...group.querySelectorAll("li")].map((row) => ({ row, text: fold(`${row.textContent} ${title}`) }));
    return { group, rows };
  });
  const filter = () => {
    const words = fold(field.value).split(/\s+/);
    let found = 0;
    for (const { group, rows } of groups) {
      let here = 0;
      for (const { row, text } of rows) {
        row.hidden = !words.every((w) => text.includes(w));
        here += row.hidden ? 0 : 1;
      }
      group.hidden = here === 0;
      found += here;
    }
    if (jumps) jumps.hidden = field.value.trim() !== "";
    none.textContent = found ? "" : none.dataset.none;
  };
  if (!field.value) { // all are here, so that nothing need be fetched
    search.querySelector("button").hidden = true;
    field.addEventListener("input", filter);
    field.form.addEventListener("submit", (event) => event.preventDefault());
    addEventListener("pageshow", filter);
  }
})();
