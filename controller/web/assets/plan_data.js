// The numbers of a plan's page and how they are written. Runs in the browser; owns the data.
import { word } from "./i18n.js";
import { byId, dayTimeText, number, setZone, timeText } from "./util.js";

export const { plan, question } = JSON.parse(byId("data").textContent);
setZone(question.zone);

// Beginnings of the steps and, last, the end.
export const AT = question.at;
export const STEPS = AT.length - 1;

export const most = (list) => list.reduce((a, x) => Math.max(a, x), 0);
export const clock = (s) => timeText(s * 1000);
export const when = (s) => (s < AT[0] - 1 || s - AT[0] >= 86400 ? dayTimeText(s * 1000) : clock(s));
export const stepSpan = (from, to) => `${when(AT[from])}–${when(AT[to])}`;
export const signed = (x, digits = 2) => (x >= 0.5 * 10 ** -digits ? "+" : "") + number(x, digits);
export const costName = (key) => word("cost", key.replace(/_yuan$/, ""));
