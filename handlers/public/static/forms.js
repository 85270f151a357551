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
// A long text or a table that was typed and not saved stays in this browser for as long as the link is good: through a reload,
// a call that came in, a phone that ran out of memory. Nothing else is kept: no number, no choice, no name.
const kept = "zhengtu.form.";
const lasts = 2 * 60 * 60 * 1000;
const form = document.querySelector("form[novalidate]");
const store = (() => {
  try { return window.localStorage; } catch { return null; }
})();
const read = (key) => {
  try { return JSON.parse(store.getItem(key)); } catch { return null; }
};
if (store) {
  // Saved, left, or too old: gone.
  for (const key of Object.keys(store).filter((name) => name.startsWith(kept))) {
    const was = read(key);
    if (!form || !was || !(Date.now() - was.at < lasts)) store.removeItem(key);
  }
}
if (store && form && form.dataset.keep) {
  for (const area of form.querySelectorAll("textarea[data-least], input[name^='t.']")) {
    const key = `${kept}${form.dataset.keep}.${area.name}`;
    // What the saved answer was when this was typed: another one has come, so what was typed is over.
    const base = form.elements[`s.${area.name.split(".")[1]}`]?.value ?? "";
    const was = read(key);
    if (was && was.base !== base) {
      store.removeItem(key);
    } else if (was && was.text !== area.value) {
      area.value = was.text;
      area.dispatchEvent(new Event("input", { bubbles: true }));
      const note = document.createElement("p");
      note.className = "word good";
      note.setAttribute("role", "status");
      note.textContent = "已恢复您上次没有保存的内容，请核对后保存。";
      area.before(note);
    }
    area.addEventListener("input", () => {
      try {
        store.setItem(key, JSON.stringify({ at: Date.now(), base, text: area.value }));
      } catch { /* The browser's room is full: the page works as without. */ }
    });
  }
}
// Nobody loses a text by a tap on 返回.
if (form) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}
