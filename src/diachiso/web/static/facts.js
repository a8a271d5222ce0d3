// What the page was rendered with: the country's bounds, and the archipelagos with their places.

export const { country, archipelagos } = JSON.parse(document.getElementById("facts").textContent);
