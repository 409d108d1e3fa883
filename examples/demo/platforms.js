// The orders are fetched anew every two seconds, but not while somebody is at
// them: what has the focus or is open stays.
const orders = document.getElementById('orders');
setInterval(async () => {
  if (document.hidden || orders.contains(document.activeElement) || orders.querySelector('details[open]')) return;
  const answer = await fetch('/platforms/orders').catch(() => null);
  if (!answer || !answer.ok) return;
  const text = await answer.text();
  if (text !== orders.dataset.text) orders.innerHTML = orders.dataset.text = text;
}, 2000);
