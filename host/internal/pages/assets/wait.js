"use strict";
// Asks how the payment stands, ever less often, and goes on by itself.
(() => {
  const section = document.querySelector("[data-status]");
  const text = document.getElementById("text");
  const began = Date.now();
  let pause = 1000;
  const ask = async () => {
    try {
      const answer = await fetch(section.dataset.status, { cache: "no-store", credentials: "omit" });
      const state = await answer.json();
      if (state.next) {
        location.replace(state.next);
        return;
      }
      if (state.text && state.text !== text.textContent) {
        text.textContent = document.title = state.text;
      }
    } catch {
      // asked again below
    }
    if (Date.now() - began > 60000) {
      document.getElementById("mailed").textContent = section.dataset.mailed;
    }
    pause = Math.min(pause * 1.3, 10000);
    setTimeout(ask, pause);
  };
  setTimeout(ask, 700);
})();
