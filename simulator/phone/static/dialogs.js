// What opens over the phone: H5 pages, pictures, scanning, a new follower, the account's profile.

import * as sim from "./sim.js";
import { make, webAddress } from "./bubbles.js";

const $ = (id) => document.getElementById(id);

for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
}
$("h5-dialog").addEventListener("close", () => $("h5-body").replaceChildren());

// Only http and https are ever opened.
export function openPage(address) {
  const url = webAddress(address);
  if (!url) return;
  const frame = make("iframe", { src: url, title: "网页", "data-testid": "h5-frame" });
  frame.setAttribute("sandbox", "allow-scripts allow-forms allow-same-origin allow-popups allow-downloads allow-modals");
  $("h5-body").replaceChildren(frame);
  $("h5-title").textContent = new URL(url).host;
  $("h5-open").href = url;
  if (!$("h5-dialog").open) $("h5-dialog").showModal();
}

export function openPicture(url) {
  $("picture-image").src = url;
  $("picture-image").alt = "放大的图片";
  $("picture-dialog").showModal();
}

export function setUpAdding(state, added) {
  $("add-follower").addEventListener("click", () => {
    $("new-account").replaceChildren(
      ...state.accounts.map((account) => make("option", { value: account.name }, account.title)),
    );
    $("new-nickname").value = "";
    $("add-dialog").showModal();
    $("new-nickname").focus();
  });
  $("add-form").addEventListener("submit", () =>
    added({
      nickname: $("new-nickname").value.trim() || "新用户",
      account: $("new-account").value,
      follow: $("new-follow").checked,
    }),
  );
}

export function setUpProfile(state, left) {
  $("more").addEventListener("click", () => {
    const { account, follower } = state;
    if (!account || !follower) return;
    $("more-title").textContent = account.title;
    $("profile-avatar").textContent = account.title.slice(0, 1);
    const facts = [
      ["公众号", account.original_id],
      ["我的昵称", follower.nickname],
      ["我的 OpenID", follower.openid],
      ["状态", follower.following ? "已关注" : "未关注"],
    ];
    $("profile-facts").replaceChildren(...facts.flatMap(([k, v]) => [make("dt", {}, k), make("dd", {}, v)]));
    $("unfollow").hidden = !follower.following;
    $("more-dialog").showModal();
  });
  $("unfollow").addEventListener("click", () => {
    $("more-dialog").close();
    left();
  });
}

// `scanned(run)` is told how to carry the scan out; `raw(text)` takes the text when a menu button asked for it.
export function setUpScanning(state, scanned) {
  let forMenu = null;

  async function showCodes() {
    const codes = state.account ? await sim.codes(state.account.name).catch(() => []) : [];
    $("codes").replaceChildren(
      ...codes.map((code) =>
        make(
          "li",
          {},
          make(
            "button",
            { type: "button", "data-testid": `scan-code-${code.scene}`, onclick: () => take(code.url) },
            make("img", { src: code.image, alt: "" }),
            code.scene,
          ),
        ),
      ),
    );
    if (!codes.length) $("codes").append(make("li", { class: "none" }, "还没有"));
  }

  function open(menuButton = null) {
    forMenu = menuButton;
    $("scan-input").value = "";
    $("scan-problem").textContent = "";
    showCodes();
    $("scan-dialog").showModal();
    $("scan-input").focus();
  }

  async function attempt(work) {
    $("scan-problem").textContent = "";
    try {
      const answer = await work();
      $("scan-dialog").close();
      if (answer.kind === "url") openPage(answer.url);
    } catch (error) {
      $("scan-problem").textContent = error.message;
    }
  }

  function take(text) {
    if (!text.trim()) {
      $("scan-problem").textContent = "请先粘贴二维码里的内容";
      return;
    }
    if (forMenu) {
      const button = forMenu;
      const info = { ScanCodeInfo: { ScanType: "qrcode", ScanResult: text } };
      attempt(() => scanned(() => sim.send(eventOf(state, button, info))));
      return;
    }
    attempt(() => scanned(() => sim.scanText(state.follower.openid, text)));
  }

  const takePicture = (file) => attempt(() => scanned(() => sim.scanPicture(state.follower.openid, file)));

  $("scan").addEventListener("click", () => state.follower && open());
  $("scan-form").addEventListener("submit", (event) => {
    event.preventDefault();
    take($("scan-input").value);
  });
  $("scan-file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (file) takePicture(file);
  });
  $("scan-dialog").addEventListener("paste", (event) => {
    const file = [...event.clipboardData.files].find((one) => one.type.startsWith("image/"));
    if (!file) return;
    event.preventDefault();
    takePicture(file);
  });
  return open;
}

export const eventOf = (state, button, fields) => ({
  openid: state.follower.openid,
  type: "event",
  event: button.type,
  key: button.key,
  fields,
});
