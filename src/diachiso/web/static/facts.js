// What the page was rendered with: the country's bounds, the archipelagos with their places, and the
// basemap if one is named.

export const { country, archipelagos, basemap } = JSON.parse(document.getElementById("facts").textContent);
