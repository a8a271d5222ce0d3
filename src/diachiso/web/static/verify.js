// The page that verifies a plate: by the camera, a picture, or its text. Once loaded it asks nobody;
// only where a key is not known does it ask for the published ones again.
import { verified } from "./plate.js";
import { decodeQR } from "./vendor/qr/decode.js";

const MARK = "DCS1:";
const LARGEST = 1600;
const EVERY = 150;
const byId = (id) => document.getElementById(id);
let known = JSON.parse(byId("keys").textContent);
let filming = null;

const SAID = {
  malformed: [
    "Không phải mã của biển số nhà, hoặc bị thiếu.",
    "Not the text of a house plate, or not whole.",
  ],
  "unknown-key": [
    "Khóa ký không có trong danh sách đã công bố: biển giả, hoặc danh sách khóa ở đây đã cũ.",
    "Its key is not among the published ones: a false plate, or the list here is old.",
  ],
  forged: ["Chữ ký không khớp: nội dung đã bị sửa.", "The signature does not fit: it was changed."],
  "expired-key": [
    "Khóa ký đã hết hạn hoặc bị thu hồi khi làm biển này; cần biển mới.",
    "Its key had been given up or was revoked; a new plate is needed.",
  ],
  unseen: [
    "Không thấy mã QR của biển số nhà trong ảnh; hãy chụp gần và thẳng hơn.",
    "No QR code of a plate is seen; take the picture nearer and straighter.",
  ],
  "no-camera": [
    "Không mở được máy quay ở đây; hãy chọn ảnh hoặc dán nội dung.",
    "The camera cannot be used here; choose a picture or paste the text.",
  ],
};

const ROWS = [
  ["code", "Mã địa chỉ số", "Code"],
  ["number", "Số nhà", "House number"],
  ["street", "Đường, phố", "Street"],
  ["place", "Nơi", "Place"],
  ["ward", "Phường, xã khi làm biển", "Ward when it was made"],
  ["position", "Vị trí", "Position"],
  ["on", "Ngày làm biển", "Made on"],
];

async function check(text) {
  const result = byId("result");
  try {
    const { plate } = await asKnown(text);
    plate.on = plate.on.split("-").reverse().join("/");
    if (plate.lat !== undefined) plate.position = `${plate.lat}, ${plate.lon}`;
    result.className = "good";
    result.replaceChildren(
      told("strong", "✓ Biển thật", "Genuine"),
      listed(plate),
      told("p", "Sổ địa chỉ số đã ký nội dung này. Hãy so với biển đang gắn trên nhà.",
        "The registry signed this. Compare it with the plate on the house."),
    );
  } catch (fault) {
    refuse(fault.kind ?? "malformed");
  }
  result.focus();
}

/** With the keys of this page; where they lack one, with those that are published now. */
async function asKnown(text) {
  try {
    return await verified(text, known);
  } catch (fault) {
    if (fault.kind !== "unknown-key") throw fault;
    const fresh = await fetch("/v1/keys").then((answer) => answer.json()).catch(() => null);
    if (!fresh?.keys) throw fault;
    known = fresh;
    return verified(text, known);
  }
}

function refuse(kind) {
  const result = byId("result");
  result.className = "bad";
  result.replaceChildren(told("strong", "✗ Không tin được", "Not to be trusted"), told("p", ...SAID[kind]));
}

function told(tag, vietnamese, english) {
  const element = document.createElement(tag);
  const second = document.createElement("span");
  second.lang = "en";
  second.textContent = english;
  element.append(vietnamese, " ", second);
  return element;
}

function listed(plate) {
  const list = document.createElement("dl");
  for (const [name, vietnamese, english] of ROWS) {
    if (plate[name] === undefined) continue;
    const value = document.createElement("dd");
    value.textContent = plate[name];
    list.append(told("dt", vietnamese, english), value);
  }
  return list;
}

// -- what a picture holds

function seenIn(source, width, height) {
  const share = Math.min(1, LARGEST / Math.max(width, height));
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [Math.round(width * share), Math.round(height * share)];
  const sheet = canvas.getContext("2d", { willReadFrequently: true });
  sheet.fillStyle = "#fff";
  sheet.fillRect(0, 0, canvas.width, canvas.height);
  sheet.drawImage(source, 0, 0, canvas.width, canvas.height);
  try {
    const text = decodeQR(sheet.getImageData(0, 0, canvas.width, canvas.height));
    return text?.includes(MARK) ? text : null;
  } catch {
    return null;
  }
}

async function fromPicture(file) {
  const picture = await createImageBitmap(file).catch(() => null);
  const text = picture && seenIn(picture, picture.width, picture.height);
  if (!text) return refuse("unseen");
  byId("text").value = text;
  return check(text);
}

async function film() {
  if (filming) return stop();
  const video = byId("video");
  try {
    const wanted = { facingMode: "environment", width: { ideal: 1280 } };
    filming = await navigator.mediaDevices.getUserMedia({ video: wanted });
  } catch {
    return refuse("no-camera");
  }
  video.srcObject = filming;
  video.hidden = false;
  await video.play();
  return look(video);
}

async function look(video) {
  if (!filming) return;
  const text = video.videoWidth && seenIn(video, video.videoWidth, video.videoHeight);
  if (text) {
    stop();
    byId("text").value = text;
    await check(text);
  } else setTimeout(look, EVERY, video);
}

function stop() {
  for (const track of filming?.getTracks() ?? []) track.stop();
  filming = null;
  byId("video").hidden = true;
}

byId("camera").addEventListener("click", film);
byId("picture").addEventListener("change", ({ target }) => target.files[0] && fromPicture(target.files[0]));
byId("paste").addEventListener("submit", (event) => {
  event.preventDefault();
  check(byId("text").value);
});

function fromAddress() {
  const text = decodeURIComponent(location.hash.slice(1));
  if (!text) return;
  byId("text").value = text;
  check(text);
}
addEventListener("hashchange", fromAddress);
fromAddress();
