// Counts while somebody types, the way the rule counts: without white space. The page works without it.
"use strict";
for (const area of document.querySelectorAll("textarea[data-least]")) {
  const place = document.querySelector(`[data-count="${area.id}"]`);
  const least = Number(area.dataset.least);
  const tell = () => {
    const text = area.value.normalize("NFKC").replace(/[\s\p{Cc}\p{Cf}]/gu, "");
    const written = Array.from(text).length;
    place.textContent = `已写 ${written} 字` + (least ? `，至少 ${least} 字` : "");
    place.classList.toggle("enough", written >= least && written > 0);
  };
  area.addEventListener("input", tell);
  tell();
}
// Nobody loses a text by a tap on 返回.
const form = document.querySelector("form[novalidate]");
if (form) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}
