// One tick for all alerts of the page. Without script the box is not shown, and each alert is ticked by itself.
"use strict";
const show = () => {
  for (const box of document.querySelectorAll("[data-ticks-all]")) box.hidden = false;
};
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-ticks-all] input")) return;
  for (const box of document.querySelectorAll('.inbox input[name="alert"]')) box.checked = event.target.checked;
});
new MutationObserver(show).observe(document.getElementById("main"), { childList: true, subtree: true });
show();
