// One short message to the person, read out by screen readers; "" takes it away.
let timer;

export function tell(text, { stay = false } = {}) {
  const place = document.getElementById("told");
  place.textContent = text;
  clearTimeout(timer);
  if (text && !stay) timer = setTimeout(() => { place.textContent = ""; }, 2500);
}
