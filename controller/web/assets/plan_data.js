// The numbers of a plan's page and how they are written. Runs in the browser; owns the data.
import { word } from "./i18n.js";
import { AT, setAxis, when } from "./sheet.js";
import { byId, number } from "./util.js";

export const { plan, question } = JSON.parse(byId("data").textContent);
setAxis(question.at, question.zone);

export const stepSpan = (from, to) => `${when(AT[from])}–${when(AT[to])}`;
export const signed = (x, digits = 2) => (x >= 0.5 * 10 ** -digits ? "+" : "") + number(x, digits);
export const costName = (key) => word("cost", key.replace(/_yuan$/, ""));
