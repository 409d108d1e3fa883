"use strict";
// Fetches the list again each second and keeps what the reader has opened.
(() => {
  const box = document.getElementById("story");
  const order = new URLSearchParams(location.search).get("order");
  const from = "/story/timeline" + (order ? "?order=" + encodeURIComponent(order) : "");
  let last = box.innerHTML.trim();
  const look = async () => {
    try {
      const answer = await fetch(from, { cache: "no-store" });
      const text = (await answer.text()).trim();
      if (answer.ok && text !== last) {
        const open = [...box.querySelectorAll("details")].map((d) => d.open);
        box.innerHTML = last = text;
        box.querySelectorAll("details").forEach((d, i) => { d.open = Boolean(open[i]); });
      }
    } catch {
      // asked again below
    }
    setTimeout(look, 1000);
  };
  setTimeout(look, 1000);
})();
