// From a chat item to what is seen of it. Text from elsewhere only ever becomes text nodes.

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

export function webAddress(text) {
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

const LINK = /<a\s[^>]*?href\s*=\s*["']([^"']*)["'][^>]*>(.*?)<\/a>|(https?:\/\/[^\s<>"'，。；：！？、（）【】《》“”]+)/gis;

// Nodes of a text: plain, web links, and the platform's menu links.
export function textNodes(text, actions) {
  const nodes = [];
  let end = 0;
  for (const match of text.matchAll(LINK)) {
    nodes.push(text.slice(end, match.index));
    end = match.index + match[0].length;
    const target = (match[1] ?? match[3]).replaceAll("&amp;", "&");
    nodes.push(linkTo(target, match[2] ?? match[3], actions));
  }
  nodes.push(text.slice(end));
  return nodes.filter((node) => node !== "");
}

function linkTo(target, label, actions) {
  if (target.startsWith("weixin://bizmsgmenu?")) {
    const query = new URLSearchParams(target.slice(target.indexOf("?") + 1));
    const tap = () => actions.choose(query.get("msgmenuid") ?? "", query.get("msgmenucontent") ?? label);
    return make("button", { type: "button", class: "link", onclick: tap }, label);
  }
  const url = webAddress(target);
  if (!url) return label;
  const open = (event) => {
    event.preventDefault();
    actions.open(url);
  };
  return make("a", { href: url, onclick: open }, label);
}

const note = (item) =>
  make("p", { class: item.type === "error" ? "note error" : "note", ...marks(item) }, item.content);

const marks = (item) => ({
  "data-testid": item.type === "event" ? "note" : "bubble",
  "data-seq": item.seq,
  "data-type": item.type,
  "data-via": item.via,
  "data-direction": item.direction,
});

function picture(item, actions) {
  const image = make("img", { src: item.url, alt: item.direction === "sent" ? "我发的图片" : "收到的图片" });
  image.addEventListener("load", actions.settled);
  const open = () => actions.picture(item.url);
  return make("button", { type: "button", class: "bubble picture", onclick: open }, image);
}

function menu(item, actions) {
  const choices = item.list.map((choice) =>
    make(
      "button",
      {
        type: "button",
        class: "link",
        "data-testid": `msgmenu-item-${choice.id}`,
        onclick: () => actions.choose(choice.id, choice.content),
      },
      choice.content,
    ),
  );
  const parts = [make("div", { class: "choices" }, ...choices)];
  if (item.head) parts.unshift(...textNodes(item.head, actions));
  if (item.tail) parts.push(...textNodes(item.tail, actions));
  return make("div", { class: "bubble" }, ...parts);
}

function newsCard(item, actions) {
  const article = item.articles[0];
  const url = webAddress(article.url);
  const parts = [make("h2", {}, article.title)];
  const image = webAddress(article.pic_url);
  if (image) parts.unshift(make("img", { src: image, alt: "", onload: actions.settled }));
  parts.push(make("p", {}, article.description || "查看详情"));
  if (!url) return make("div", { class: "card", ...marks(item) }, ...parts);
  return make("button", { type: "button", class: "card", onclick: () => actions.open(url), ...marks(item) }, ...parts);
}

function templateCard(item, actions) {
  const rows = item.fields.flatMap((field) =>
    field.label
      ? [make("dt", {}, field.label), make("dd", {}, field.value)]
      : [make("dt", {}, "内容"), make("dd", {}, field.value)],
  );
  const source = item.via === "notice" ? "订阅通知" : "服务通知";
  const parts = [make("p", { class: "source" }, source), make("h2", {}, item.title), make("dl", {}, ...rows)];
  const url = webAddress(item.url);
  if (url) {
    const arrow = make("span", { "aria-hidden": "true" }, "›");
    parts.push(make("button", { type: "button", class: "detail", onclick: () => actions.open(url) }, "查看详情", arrow));
  }
  return make("div", { class: "card", ...marks(item) }, ...parts);
}

const plain = (text) => make("div", { class: "bubble plain" }, text);

const SHAPES = {
  text: (item, actions) =>
    make("div", { class: "bubble" }, ...(item.direction === "sent" ? [item.content] : textNodes(item.content, actions))),
  image: picture,
  msgmenu: menu,
  voice: () => plain("［语音］"),
  video: (item) => plain(`［视频］${item.title ?? ""}`),
  shortvideo: () => plain("［小视频］"),
  music: (item) => plain(`［音乐］${item.title}`),
  location: (item) => plain(`［位置］${item.label || `${item.latitude}, ${item.longitude}`}`),
  link: (item) => plain(`［链接］${item.title}`),
};

// The element for one item; `people` gives the two avatars.
export function bubble(item, actions, people) {
  if (item.type === "event" || item.type === "error") return note(item);
  if (item.type === "transfer_customer_service") return note({ ...item, content: "已转接人工客服" });
  if (item.type === "news") return newsCard(item, actions);
  if (item.type === "template") return templateCard(item, actions);
  const shape = SHAPES[item.type] ?? (() => plain(`［${item.type}］`));
  const sent = item.direction === "sent";
  const avatar = make("span", { class: sent ? "avatar" : "avatar account", "aria-hidden": "true" });
  avatar.textContent = sent ? people.mine : people.theirs;
  if (sent) avatar.style.background = people.colour;
  const who = make("span", { class: "sr" }, sent ? "我：" : "公众号：");
  return make("div", { class: `row ${item.direction}`, ...marks(item) }, avatar, who, shape(item, actions));
}

const clockTime = new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
const dayOf = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

// “今天 09:30”, “昨天 …”, “6月1日 …”
export function stamp(iso) {
  const at = new Date(iso);
  const days = Math.round((dayOf(new Date()) - dayOf(at)) / 86400000);
  const day = days === 0 ? "今天" : days === 1 ? "昨天" : `${at.getMonth() + 1}月${at.getDate()}日`;
  return make("p", { class: "stamp" }, make("time", { datetime: iso }, `${day} ${clockTime.format(at)}`));
}
