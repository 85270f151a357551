// Requests to /sim. Every function throws an Error with a sentence that can be shown.

async function call(path, options = {}) {
  let response;
  try {
    response = await fetch(`/sim${path}`, options);
  } catch {
    throw new Error("模拟平台没有回应");
  }
  const data = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(data.error || `出错了（${response.status}）`);
  return data;
}

const json = (method, body) => ({
  method,
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(body),
});

export const accounts = async () => (await call("/accounts")).accounts;
export const followers = async () => (await call("/followers")).followers;
export const chat = async (openid) => (await call(`/chat/${encodeURIComponent(openid)}`)).items;
export const clock = () => call("/clock");
export const codes = async (account) =>
  (await call(`/qrcodes?account=${encodeURIComponent(account)}`)).qrcodes;
export const addFollower = (body) => call("/followers", json("POST", body));
export const follow = (openid) => call(`/followers/${encodeURIComponent(openid)}/follow`, json("POST", {}));
export const unfollow = (openid) => call(`/followers/${encodeURIComponent(openid)}/unfollow`, json("POST", {}));
export const send = (act) => call("/send", json("POST", act));
export const scanText = (openid, content) => call("/scan", json("POST", { openid, content }));

function form(fields, file) {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  data.append("file", file, file.name || "image");
  return { method: "POST", body: data };
}

export const scanPicture = (openid, file) => call("/scan", form({ openid }, file));
export const sendPicture = async (openid, file) =>
  call("/send", form({ openid, type: "image" }, await acceptable(file)));

const LIMIT = 10 * 1024 * 1024;
const TYPES = ["image/jpeg", "image/png", "image/gif", "image/bmp"];

// A phone sends JPEG; what the platform would not take is turned into one.
async function acceptable(file) {
  if (TYPES.includes(file.type) && file.size <= LIMIT) return file;
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Error("这个文件不是图片，发不出去");
  }
  const scale = Math.min(1, 4096 / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.9));
  return new File([blob], "image.jpg", { type: "image/jpeg" });
}
