"use strict";
// Fetches the story again each second. What is new slides in, one after the
// other; what the reader has opened stays open, and keeps the focus.
(() => {
  const box = document.getElementById("story");
  const said = document.getElementById("said");
  const order = new URLSearchParams(location.search).get("order");
  const from = "/story/timeline" + (order ? "?order=" + encodeURIComponent(order) : "");
  const status = () => document.getElementById("status")?.textContent ?? "";
  let last = "";
  const tell = (text) => {
    const known = new Set([...box.querySelectorAll("li[id]")].map((li) => li.id));
    const open = new Set([...box.querySelectorAll("li[id] details[open]")].map((d) => d.closest("li").id));
    const focus = document.activeElement.closest("li[id]")?.id;
    const was = status();
    box.innerHTML = text;
    let fresh = 0;
    for (const li of box.querySelectorAll("li[id]")) {
      if (open.has(li.id)) li.querySelector("details").open = true;
      if (li.id === focus) li.querySelector("summary")?.focus({ preventScroll: true });
      if (!known.has(li.id)) {
        li.classList.add("new");
        li.style.animationDelay = Math.min(fresh++ * 90, 2000) + "ms";
      }
    }
    if (status() !== was) said.textContent = "The order is " + status();
  };
  const look = async () => {
    try {
      const answer = await fetch(from, { cache: "no-store" });
      const text = (await answer.text()).trim();
      if (answer.ok && text !== last) {
        if (last || !box.querySelector("li[id]")) tell(text);
        last = text;
      }
    } catch {
      // asked again below
    }
    setTimeout(look, 1000);
  };
  look();
})();
