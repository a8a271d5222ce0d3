// Everything the page says, in Vietnamese and in English, and which of the two it speaks.

const KEPT_AS = "diachiso.language";
const REFORM = "2025-07-01";

const WORDS = {
  vi: {
    name: "Địa chỉ số",
    skip: "Đến ô tìm kiếm",
    other_language: "English",
    search: "Tìm",
    search_label: "Mã, tọa độ hoặc địa chỉ",
    examples: "Như 11024-58317, 21.039, 105.8482 hay 42 Hàng Giầy, Hoàn Kiếm; hoặc bấm vào bản đồ.",
    day_label: "Theo ngày",
    to_today: "Hôm nay",
    map: "Bản đồ. Phím mũi tên để di chuyển, + và − để phóng to, thu nhỏ, Enter để hỏi điểm ở giữa.",
    legend: "Chú giải",
    legend_exact: "ranh giới phường, xã",
    legend_approximate: "ranh giới gần đúng",
    approximate: "Ranh giới gạch chéo chỉ là gần đúng: chưa nạp ranh giới chính thức.",
    no_boundary: "Chưa nạp ranh giới nào cho ngày {day}.",
    offline: "Mất kết nối. Bản đồ chỉ còn phần đã tải; hãy thử lại khi có mạng.",
    no_map: "Trình duyệt này không vẽ được bản đồ (thiếu WebGL). Vẫn tìm kiếm được.",
    verify: "Kiểm tra biển số nhà",
    problems: "Các lỗi",
    sign_in: "Đăng nhập",
    country: "Cả nước",
    zoom_in: "Phóng to",
    zoom_out: "Thu nhỏ",
    sea: "Biển Đông",
    searching: "Đang tìm…",
    slow: "Vẫn đang tìm…",
    nothing: "Không tìm thấy nơi nào.",
    nothing_why: "Hãy viết thêm đường, phường hoặc tỉnh, hoặc bấm vào bản đồ.",
    empty: "Hãy nhập mã, tọa độ hoặc địa chỉ.",
    one_found: "Tìm thấy 1 nơi.",
    many_found: "Tìm thấy {count} nơi.",
    choose: "Chọn một nơi",
    here: "Tại điểm này",
    no_answer: "Máy chủ không trả lời",
    no_answer_why: "Không kết nối được. Hãy kiểm tra mạng rồi tìm lại.",
    broken: "Máy chủ gặp lỗi",
    broken_why: "Máy chủ trả lời sai (mã {status}). Hãy thử lại sau.",
    try_again: "Thử lại",
    try_code: "Có phải {code}?",
    code: "Mã địa chỉ số",
    no_code: "Nơi này chưa có mã địa chỉ số.",
    copy: "Sao chép mã",
    copied: "Đã sao chép.",
    copy_by_hand: "Không sao chép được; hãy chọn và chép tay.",
    share: "Sao chép liên kết",
    ward_now: "Nay thuộc",
    ward_on: "Ngày {day} thuộc",
    ward_before: "Trước 1/7/2025",
    before_unknown: "Chưa rõ đơn vị cũ (chưa nạp ranh giới cũ ở đây).",
    before_one_of: "Một trong các đơn vị cũ: {names}",
    since: "từ {since}",
    until: "đến hết {until}",
    between: "từ {since} đến hết {until}",
    confidence: "Đúng phường, xã",
    error: "Sai số",
    about: "khoảng {distance}",
    distance: "Cách điểm bấm {distance}",
    how: "Độ chính xác",
    doubts: "Điều còn ngờ",
    state: "Tình trạng",
    position: "Tọa độ",
    vpostcode: "Vpostcode",
    source: "Nguồn",
    approximate_ward: "ranh giới gần đúng",
    level: {
      house: "tại số nhà",
      interpolated: "nội suy giữa các số nhà",
      alley: "đầu ngõ",
      stretch: "một đoạn đường",
      street: "cả đường, phố",
      residential_group: "cả tổ dân phố, thôn",
      place: "một địa điểm",
      ward: "cả phường, xã",
      district: "cả quận, huyện cũ",
      province: "cả tỉnh, thành phố",
      none: "không nhận ra địa chỉ",
    },
    not_a_door: "Điểm trên bản đồ chỉ là giữa khu vực, không phải cửa nhà.",
    sure: ["gần như chắc chắn", "có lẽ đúng", "chưa chắc", "chỉ là phỏng đoán"],
    states: {
      proposed: "mới đề nghị",
      recorded: "đã ghi nhận, chưa chứng nhận",
      certified: "đã chứng nhận",
      under_review: "đang xem xét",
      retired: "đã thu hồi",
    },
    position_kinds: {
      entrance: "lối vào",
      building: "ngôi nhà",
      parcel: "thửa đất",
      observed: "quan sát tại chỗ",
    },
  },
  en: {
    name: "Digital addresses",
    skip: "Skip to search",
    other_language: "Tiếng Việt",
    search: "Search",
    search_label: "Code, coordinates or address",
    examples: "Such as 11024-58317, 21.039, 105.8482 or 42 Hàng Giầy, Hoàn Kiếm; or click the map.",
    day_label: "As of",
    to_today: "Today",
    map: "Map. Arrow keys move it, + and − zoom, Enter asks about the point in the middle.",
    legend: "Legend",
    legend_exact: "ward boundary",
    legend_approximate: "approximate boundary",
    approximate: "Hatched boundaries are approximate: the official ones are not loaded.",
    no_boundary: "No boundaries are loaded for {day}.",
    offline: "You are offline. Only what was loaded is shown; try again once connected.",
    no_map: "This browser cannot draw the map (no WebGL). Searching still works.",
    verify: "Verify a house plate",
    problems: "Problems",
    sign_in: "Sign in",
    country: "Whole country",
    zoom_in: "Zoom in",
    zoom_out: "Zoom out",
    sea: "Biển Đông\n(East Sea)",
    searching: "Searching…",
    slow: "Still searching…",
    nothing: "Nothing found.",
    nothing_why: "Add the street, the ward or the province, or click the map.",
    empty: "Type a code, coordinates or an address.",
    one_found: "1 place found.",
    many_found: "{count} places found.",
    choose: "Choose a place",
    here: "At this point",
    no_answer: "The server does not answer",
    no_answer_why: "It cannot be reached. Check the connection and search again.",
    broken: "The server has a fault",
    broken_why: "It answered with status {status}. Please try again later.",
    try_again: "Try again",
    try_code: "Is it {code}?",
    code: "Address code",
    no_code: "This place has no address code yet.",
    copy: "Copy code",
    copied: "Copied.",
    copy_by_hand: "Could not copy; select it and copy by hand.",
    share: "Copy link",
    ward_now: "Now in",
    ward_on: "On {day} in",
    ward_before: "Before 1 July 2025",
    before_unknown: "Former unit not known (no former boundaries are loaded here).",
    before_one_of: "One of the former units: {names}",
    since: "since {since}",
    until: "until {until}",
    between: "{since} to {until}",
    confidence: "Right ward",
    error: "Error",
    about: "about {distance}",
    distance: "{distance} from where you clicked",
    how: "Precision",
    doubts: "Doubts",
    state: "Status",
    position: "Coordinates",
    vpostcode: "Vpostcode",
    source: "Source",
    approximate_ward: "approximate boundary",
    level: {
      house: "at the house number",
      interpolated: "between known house numbers",
      alley: "mouth of the alley",
      stretch: "a stretch of the street",
      street: "the whole street",
      residential_group: "the whole hamlet or block",
      place: "a named place",
      ward: "the whole ward",
      district: "the whole former district",
      province: "the whole province",
      none: "no address recognised",
    },
    not_a_door: "The point is the middle of an area, not a door.",
    sure: ["almost certain", "probable", "uncertain", "only a guess"],
    states: {
      proposed: "proposed",
      recorded: "recorded, not certified",
      certified: "certified",
      under_review: "under review",
      retired: "retired",
    },
    position_kinds: {
      entrance: "entrance",
      building: "building",
      parcel: "parcel",
      observed: "observed on site",
    },
  },
};

let language = remembered() ?? "vi";

function remembered() {
  try {
    const kept = localStorage.getItem(KEPT_AS);
    return kept in WORDS ? kept : null;
  } catch {
    return null; // storage may be forbidden; the page then starts in Vietnamese
  }
}

export const currentLanguage = () => language;

export function speak(wanted) {
  language = wanted in WORDS ? wanted : "vi";
  try {
    localStorage.setItem(KEPT_AS, language);
  } catch {
    // not remembered, but spoken now
  }
}

/** The words of a key, with {blanks} filled. */
export function say(key, blanks = {}) {
  return WORDS[language][key].replace(/\{(\w+)\}/g, (_, blank) => blanks[blank]);
}

/** A word of a list such as `level` or `states`; `otherwise` where the list lacks it. */
export const sayOne = (list, key, otherwise = key) => WORDS[language][list][key] ?? otherwise;

/** "Tiếng Việt. / English." as the service writes its sentences: the half that is wanted. */
export function half(text) {
  const cut = /([.?!]) \/ /.exec(text) ?? /() \/ /.exec(text);
  if (!cut) return text;
  const end = cut.index + cut[1].length;
  return language === "vi" ? text.slice(0, end) : capitalised(text.slice(end + 3));
}

const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);

/** Put words on every element that says which: data-say (text), data-say-label (for readers). */
export function label(root) {
  document.documentElement.lang = language;
  document.title = say("name");
  for (const one of root.querySelectorAll("[data-say]")) one.textContent = say(one.dataset.say);
  for (const one of root.querySelectorAll("[data-say-label]"))
    one.setAttribute("aria-label", say(one.dataset.sayLabel));
}

// -- numbers and days as people read them --------------------------------------------------------

/** 2025-07-01 -> 1/7/2025 or 1 July 2025. */
export function sayDay(iso) {
  const [year, month, day] = iso.split("-").map(Number);
  const noon = new Date(Date.UTC(year, month - 1, day, 12));
  if (language === "vi") return `${day}/${month}/${year}`;
  const parts = { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" };
  return new Intl.DateTimeFormat("en-GB", parts).format(noon);
}

/** From when until when; `until` is the first day on which it no longer holds. */
export function sayDays(since, until) {
  const last = until && sayDay(dayBefore(until));
  if (since && until) return say("between", { since: sayDay(since), until: last });
  if (since) return say("since", { since: sayDay(since) });
  return until ? say("until", { until: last }) : "";
}

function dayBefore(iso) {
  const day = new Date(`${iso}T12:00:00Z`);
  day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}

export function sayMetres(metres) {
  const number = (value, digits) =>
    new Intl.NumberFormat(language, { maximumFractionDigits: digits }).format(value);
  return metres < 1000 ? `${number(metres, 0)} m` : `${number(metres / 1000, 1)} km`;
}

export const sayShare = (share) =>
  new Intl.NumberFormat(language, { style: "percent" }).format(share);

const SURE_FROM = [0.9, 0.6, 0.3, 0];

/** A probability in words. */
export const sayConfidence = (share) =>
  WORDS[language].sure[SURE_FROM.findIndex((least) => share >= least)];

export const isBeforeReform = (iso) => iso < REFORM;
