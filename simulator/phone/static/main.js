// The phone: who holds it, what the chat shows, what is sent.

import * as sim from "./sim.js";
import { bubble, make, stamp } from "./bubbles.js";
import { eventOf, openPage, openPicture, setUpAdding, setUpProfile, setUpScanning } from "./dialogs.js";

const $ = (id) => document.getElementById(id);
const log = $("log");

const state = {
  accounts: [],
  followers: [],
  follower: null,
  shownAt: 0, // when the newest shown bubble was, for time stamps
  shown: new Set(),
  unread: new Map(),
  pending: new Map(), // openid → answers awaited
  get account() {
    return this.accounts.find((account) => account.name === this.follower?.account);
  },
};

// --- the chat -------------------------------------------------------------------------------

const actions = {
  open: openPage,
  picture: openPicture,
  choose: (id, content) => act({ type: "text", content, msgmenu_id: id }),
  settled: () => atEnd && toEnd(),
};
let atEnd = true;
log.addEventListener("scroll", () => {
  atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
});
const toEnd = () => {
  log.scrollTop = log.scrollHeight;
};

const colour = (openid) => {
  let hue = 0;
  for (const letter of openid) hue = (hue * 31 + letter.codePointAt(0)) % 360;
  return `hsl(${hue} 35% 38%)`;
};

function show(item) {
  if (state.shown.has(item.seq)) return;
  state.shown.add(item.seq);
  const at = Date.parse(item.at);
  if (Math.abs(at - state.shownAt) > 5 * 60 * 1000) log.append(stamp(item.at));
  state.shownAt = at;
  const { follower, account } = state;
  const people = {
    mine: follower.nickname.slice(-1),
    theirs: account?.title.slice(0, 1) ?? "",
    colour: colour(follower.openid),
  };
  const stay = atEnd || item.direction === "sent";
  log.append(bubble(item, actions, people));
  if (stay) toEnd();
}

async function showChat() {
  log.setAttribute("aria-busy", "true");
  log.replaceChildren();
  state.shown.clear();
  state.shownAt = 0;
  atEnd = true;
  const { follower } = state;
  if (follower) {
    state.unread.delete(follower.openid);
    const items = await sim.chat(follower.openid);
    if (state.follower?.openid === follower.openid) items.forEach(show);
    toEnd();
  }
  log.removeAttribute("aria-busy");
}

// --- the world around it --------------------------------------------------------------------

async function refresh() {
  const before = state.follower;
  [state.accounts, state.followers] = await Promise.all([sim.accounts(), sim.followers()]);
  const wanted = before?.openid ?? localStorage.getItem("follower");
  state.follower = state.followers.find((one) => one.openid === wanted) ?? state.followers[0] ?? null;
  draw();
  if (before?.openid !== state.follower?.openid) await showChat();
  const { offset, now } = await sim.clock();
  $("clock").hidden = Math.abs(offset) < 30;
  $("clock").textContent = `平台时间已拨到 ${new Date(now).toLocaleString("zh-CN")}`;
}

const label = (follower) => {
  const account = state.accounts.length > 1 ? ` · ${accountTitle(follower.account)}` : "";
  const unread = state.unread.get(follower.openid);
  return follower.nickname + account + (follower.following ? "" : "（未关注）") + (unread ? `　${unread} 条新消息` : "");
};
const accountTitle = (name) => state.accounts.find((account) => account.name === name)?.title ?? name;

function draw() {
  const { follower } = state;
  const account = state.account ?? state.accounts[0];
  drawFollowers();
  $("account-title").textContent = account?.title ?? "公众号";
  $("account-avatar").textContent = account?.title.slice(0, 1) ?? "";
  document.title = `${account?.title ?? "公众号"} · 模拟手机`;
  const following = Boolean(follower?.following);
  $("unfollowed").hidden = following;
  $("composer-form").hidden = !following;
  $("follow").textContent = follower ? "关注公众号" : "添加第一位用户";
  $("unfollowed-text").textContent = follower ? `${follower.nickname}还没有关注「${account?.title ?? ""}」。` : "还没有人用这部手机。";
  drawMenu(following ? account?.menu : null);
  drawStatus();
}

// The list is rebuilt only when it differs, or an open one would close under the reader's hand.
let drawnFollowers = "";
function drawFollowers() {
  const options = state.followers.map((one) => [one.openid, label(one)]);
  if (!options.length) options.push(["", "还没有用户"]);
  const wanted = JSON.stringify(options);
  if (wanted !== drawnFollowers) {
    drawnFollowers = wanted;
    $("follower-select").replaceChildren(...options.map(([value, text]) => make("option", { value }, text)));
  }
  $("follower-select").value = state.follower?.openid ?? "";
}

function drawStatus() {
  const waiting = state.follower && state.pending.get(state.follower.openid) > 0;
  $("status").textContent = waiting ? "对方正在输入…" : state.follower?.following ? "公众号" : "";
}

let drawnMenu = "";
function drawMenu(menu) {
  const wanted = JSON.stringify(menu ?? null);
  $("menu").hidden = !menu;
  if (wanted === drawnMenu) return;
  drawnMenu = wanted;
  $("menu").replaceChildren(...(menu?.button ?? []).map(menuCell));
}

function menuCell(button, index) {
  const cell = make("div", { class: "menu-cell" });
  const below = button.sub_button ?? [];
  const main = make("button", { type: "button", "data-testid": `menu-button-${index}` }, button.name);
  cell.append(main);
  if (!below.length) {
    main.addEventListener("click", () => tapMenu(button));
    return cell;
  }
  const list = make(
    "div",
    { class: "submenu", id: `submenu-${index}`, hidden: "" },
    ...below.map((item, place) => {
      const tap = () => {
        closeMenus();
        tapMenu(item);
      };
      return make("button", { type: "button", "data-testid": `menu-item-${index}-${place}`, onclick: tap }, item.name);
    }),
  );
  main.setAttribute("aria-haspopup", "true");
  main.setAttribute("aria-controls", list.id);
  main.setAttribute("aria-expanded", "false");
  main.addEventListener("click", () => {
    const opening = list.hidden;
    closeMenus();
    list.hidden = !opening;
    main.setAttribute("aria-expanded", String(opening));
  });
  cell.append(list);
  return cell;
}

function closeMenus() {
  for (const list of document.querySelectorAll(".submenu")) list.hidden = true;
  for (const main of document.querySelectorAll(".menu [aria-expanded]")) main.setAttribute("aria-expanded", "false");
}
document.addEventListener("click", (event) => {
  if (!event.target.closest(".menu")) closeMenus();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") closeMenus();
});

function tapMenu(button) {
  const { openid } = state.follower;
  if (button.type === "click") return act({ type: "click", key: button.key });
  if (button.type === "view") {
    act({ type: "view", url: button.url });
    return openPage(button.url);
  }
  if (button.type.startsWith("scancode_")) return openScan(button);
  if (button.type.startsWith("pic_")) {
    run(openid, () => sim.send(eventOf(state, button, { SendPicsInfo: { Count: 1, PicList: "" } })));
    return $("attach-input").click();
  }
  return say(`模拟手机没有「${button.name}」这类按钮（${button.type}）`);
}

// --- doing things ---------------------------------------------------------------------------

let toastTimer;
function say(text) {
  $("toast").textContent = text;
  $("toast").hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => {
    $("toast").hidden = true;
  }, 4000);
}

// Runs something whose answer the follower waits for; throws what went wrong.
async function awaited(openid, work) {
  state.pending.set(openid, (state.pending.get(openid) ?? 0) + 1);
  drawStatus();
  try {
    return await work();
  } finally {
    state.pending.set(openid, state.pending.get(openid) - 1);
    drawStatus();
  }
}

async function run(openid, work) {
  try {
    return await awaited(openid, work);
  } catch (error) {
    say(error.message);
    return null;
  }
}

const act = (what) => {
  const { openid } = state.follower;
  return run(openid, () => sim.send({ openid, ...what }));
};

function sendPictures(files) {
  const { openid } = state.follower;
  for (const file of files) run(openid, () => sim.sendPicture(openid, file));
}

const composer = $("composer");
function fit() {
  composer.style.height = "auto";
  composer.style.height = `${Math.min(composer.scrollHeight + 2, 140)}px`;
}
composer.addEventListener("input", fit);
composer.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    $("composer-form").requestSubmit();
  }
});
composer.addEventListener("paste", (event) => {
  const files = [...event.clipboardData.files].filter((file) => file.type.startsWith("image/"));
  if (!files.length) return;
  event.preventDefault();
  sendPictures(files);
});
$("composer-form").addEventListener("submit", (event) => {
  event.preventDefault();
  const content = composer.value.trim();
  if (!content) return;
  composer.value = "";
  fit();
  act({ type: "text", content });
});
$("attach-input").addEventListener("change", (event) => {
  sendPictures([...event.target.files]);
  event.target.value = "";
});

$("follower-select").addEventListener("change", async (event) => {
  await choose(event.target.value);
});
async function choose(openid) {
  state.follower = state.followers.find((one) => one.openid === openid) ?? null;
  if (state.follower) localStorage.setItem("follower", openid);
  draw();
  await showChat();
  draw();
}

$("follow").addEventListener("click", () => {
  if (!state.follower) return $("add-follower").click();
  const { openid } = state.follower;
  return run(openid, () => sim.follow(openid)).then(refresh);
});
setUpProfile(state, () => {
  const { openid } = state.follower;
  run(openid, () => sim.unfollow(openid)).then(refresh);
});
setUpAdding(state, async ({ follow, ...person }) => {
  const added = await run("", () => sim.addFollower(person));
  if (!added) return;
  await refresh();
  await choose(added.openid);
  if (follow) await run(added.openid, () => sim.follow(added.openid));
  await refresh();
});
const openScan = setUpScanning(state, (work) => awaited(state.follower.openid, work));

const size = $("font-size");
size.value = localStorage.getItem("font-size") ?? "standard";
const resize = () => {
  document.documentElement.dataset.size = size.value;
  localStorage.setItem("font-size", size.value);
  fit();
  if (atEnd) toEnd();
};
size.addEventListener("change", resize);
resize();

// --- news from the platform -----------------------------------------------------------------

let refreshTimer;
function refreshSoon() {
  clearTimeout(refreshTimer);
  refreshTimer = setTimeout(() => refresh().catch((error) => say(error.message)), 120);
}

function listen() {
  const stream = new EventSource("/sim/stream");
  let broken = false;
  stream.addEventListener("open", async () => {
    if (!broken) return;
    broken = false;
    await refresh().catch(() => {});
    await showChat().catch(() => {});
  });
  stream.addEventListener("error", () => {
    broken = true;
    $("status").textContent = "连接断了，正在重连…";
  });
  stream.addEventListener("chat", (event) => {
    const item = JSON.parse(event.data);
    if (item.openid === state.follower?.openid) show(item);
    else if (item.direction === "received") state.unread.set(item.openid, (state.unread.get(item.openid) ?? 0) + 1);
    refreshSoon();
  });
  stream.addEventListener("world", refreshSoon);
}

listen();
refresh()
  .then(() => showChat())
  .then(() => document.documentElement.setAttribute("data-ready", ""))
  .catch((error) => say(error.message));
