// Turns and enlarges a picture without loading the page again. Without this script the links do the same.
(() => {
  const viewer = document.getElementById("viewer");
  const picture = viewer?.querySelector(".frame img");
  if (!picture) return;
  const frame = viewer.querySelector(".frame");
  const tabs = [...viewer.querySelectorAll("[data-doc]")];
  let shown = viewer.querySelector("[data-doc][aria-current]").dataset.doc;
  let rotate = Number(new URL(picture.src).searchParams.get("rotate")) || 0;
  let zoom = Number(frame.className.match(/zoom(\d)/)?.[1]) || 1;

  const show = () => {
    frame.className = `frame zoom${zoom}`;
    picture.src = `/console/documents/${shown}/picture?rotate=${rotate}&size=${1200 * zoom}`;
    for (const tab of tabs) {
      const here = tab.dataset.doc === shown;
      if (here) picture.alt = tab.dataset.label;
      here ? tab.setAttribute("aria-current", "true") : tab.removeAttribute("aria-current");
    }
    for (const about of viewer.querySelectorAll("[data-about]")) about.hidden = about.dataset.about !== shown;
  };

  viewer.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey) return;
    const { doc, turn, zoom: step } = link.dataset;
    if (doc) [shown, rotate, zoom] = [doc, 0, 1];
    else if (turn) rotate = (rotate + Number(turn) + 360) % 360;
    else if (step) zoom = Math.min(3, Math.max(1, zoom + Number(step)));
    else return;
    event.preventDefault();
    show();
  });
})();
