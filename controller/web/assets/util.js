// Small helpers of the dashboard: elements, numbers, times. Runs in the browser; pure but for the zone.
import { language, t } from "./i18n.js";

// Element with attributes (class, text, on…, data) and children; text never becomes markup.
export function h(tag, attributes, ...children) {
    const e = document.createElement(tag);
    fill(e, attributes ?? {});
    e.append(...children.filter((c) => c !== null && c !== undefined));
    return e;
}

export function svg(tag, attributes, ...children) {
    const e = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [k, v] of Object.entries(attributes ?? {})) {
        e.setAttribute(k, v);
    }
    e.append(...children);
    return e;
}

function fill(e, attributes) {
    for (const [k, v] of Object.entries(attributes)) {
        if (k === "text") {
            e.textContent = v;
        } else if (k.startsWith("on")) {
            e.addEventListener(k.slice(2), v);
        } else if (k === "vars") {
            Object.entries(v).forEach(([name, value]) => e.style.setProperty(name, value));
        } else if (v !== null && v !== false) {
            e.setAttribute(k, v === true ? "" : v);
        }
    }
}

export const byId = (id) => document.getElementById(id);

export function replace(id, ...children) {
    byId(id).replaceChildren(...children.filter(Boolean));
}

const absent = "–";

// Power and energy: no decimals from 100 on.
export function number(x, decimals) {
    if (x === null || x === undefined || !Number.isFinite(x)) {
        return absent;
    }
    const digits = decimals ?? (Math.abs(x) >= 100 ? 0 : 1);
    const shown = Math.abs(x) < 0.5 * 10 ** -digits ? 0 : x;
    return shown.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

export const percent = (x, decimals = 0) =>
    (Number.isFinite(x) && x !== null ? number(100 * x, decimals) : absent);

let zone = "UTC";
export const setZone = (z) => { zone = z; };
export const parkZone = () => zone;

function format(at, options) {
    return new Intl.DateTimeFormat(language() === "zh" ? "zh-CN" : "en-GB",
        { timeZone: zone, hourCycle: "h23", ...options }).format(at);
}
export const clockText = (at) => format(at, { year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit",
    minute: "2-digit", second: "2-digit" });
export const timeText = (at) => format(at, { hour: "2-digit", minute: "2-digit" });
export const dayTimeText = (at) => format(at, { month: "2-digit", day: "2-digit", hour: "2-digit",
    minute: "2-digit" });
export const secondText = (at) => format(at, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

// "2025-07-14T08:00:00Z" of seconds since the epoch.
export const utc = (s) => new Date(s * 1000).toISOString().replace(/\.\d+Z/, "Z");

export function span(seconds) {
    if (!Number.isFinite(seconds) || seconds === null) {
        return absent;
    }
    if (seconds < 90) {
        return t("ago.s", Math.round(seconds));
    }
    return seconds < 5400 ? t("ago.min", Math.round(seconds / 60)) : t("ago.h", number(seconds / 3600, 1));
}

export const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

// Legend entries: [label, colour variable, "line" | "dash" | "block"].
export function legend(id, entries) {
    replace(id, ...entries.map(([label, colour, shape]) => {
        const mark = h("i", { class: shape ?? "line" });
        mark.style.background = css(colour) || colour;
        mark.style.borderColor = css(colour) || colour;
        return h("span", null, mark, label);
    }));
}

let toastTimer = 0;
export function toast(text, bad) {
    const e = byId("toast");
    e.textContent = text;
    e.className = bad ? "bad" : "";
    e.hidden = false;
    clearTimeout(toastTimer);
    toastTimer = setTimeout(() => { e.hidden = true; }, bad ? 9000 : 4000);
}
