// Charts, schedules and tables that the pages of a plan and of a study share. Runs in the browser; owns the time
// axis and the uPlot charts. Times are seconds, as uPlot wants them.
import { language, setLanguage, t } from "./i18n.js";
import { byId, css, dayTimeText, h, legend, number, parkZone, setZone, svg, timeText } from "./util.js";

const ROW_PX = 24;
const LABEL_PX = 150;
const drawn = [];

// Beginnings of the steps and, last, the end.
export let AT = [];
export let STEPS = 0;
export function setAxis(at, zone) {
    AT = at;
    STEPS = at.length - 1;
    setZone(zone);
}

export const most = (list) => list.reduce((a, x) => Math.max(a, x), 0);
export const clock = (s) => timeText(s * 1000);
export const when = (s) => (s < AT[0] - 1 || s - AT[0] >= 86400 ? dayTimeText(s * 1000) : clock(s));
export const fullDay = (s) => new Intl.DateTimeFormat(language() === "zh" ? "zh-CN" : "en-GB",
    { timeZone: parkZone(), dateStyle: "full" }).format(s * 1000);

// Members of one kind get lighter one after the other.
export function shade(tone, i) {
    const hex = css(tone).slice(1);
    const rgb = [0, 2, 4].map((k) => parseInt(hex.slice(k, k + 2), 16));
    return `rgb(${rgb.map((x) => Math.round(x + (255 - x) * Math.min(0.26 * i, 0.6))).join(", ")})`;
}

// ---- Charts ----

const held = (row) => [...row, row[row.length - 1]]; // a step lasts until the next one
const stepped = () => uPlot.paths.stepped({ align: 1 });

function axis(extra) {
    const line = { stroke: css("--faint"), width: 1 };
    return { stroke: css("--dim"), grid: line, ticks: line, font: "12px sans-serif", ...extra };
}

function hourText(at) {
    const text = clock(at);
    return text === "00:00" ? dayTimeText(at * 1000).slice(0, 5) : text;
}

// entries: [{name, colour, row, unit, dash, shape}], without row: legend only.
function panel(key, entries, low) {
    const box = h("div", { class: low ? "chart low" : "chart", "data-chart": key.id });
    const readout = h("div", { class: "readout" });
    const marks = h("span", { class: "legend", id: `legend-${key.id}` });
    byId("charts").append(h("section", { class: "panel" },
        h("h2", null, h("span", { text: key.title }), marks), readout, box));
    const once = entries.filter((e, i) => entries.findIndex((x) => x.name === e.name) === i);
    legend(marks.id, once.map((e) => [e.name, e.colour, e.shape]));
    return { box, readout };
}

// A row of STEPS values lasts from step to step; one of STEPS + 1 is a line through the times.
export function chart(key, entries, options, low) {
    const { box, readout } = panel(key, entries, low);
    const lines = entries.filter((e) => e.row);
    const show = (u) => {
        const i = u.cursor.idx;
        readout.textContent = i === null || i === undefined ? "" : `${when(AT[i])}   ` + lines.filter((e) =>
            Math.abs(e.shown[i]) > 1e-9).map((e) => `${e.name} ${number(e.shown[i], e.digits)}`).join("   ");
    };
    lines.forEach((e) => { e.shown = e.shown ? held(e.shown) : held(e.row); });
    box.dataset.series = lines.length;
    drawn.push(new uPlot({
        width: box.clientWidth, height: box.clientHeight, legend: { show: false },
        cursor: { y: false, drag: { x: false, y: false }, sync: { key: "sheet" } },
        tzDate: (ts) => uPlot.tzDate(new Date(ts * 1000), parkZone()),
        axes: [axis({ space: 70, size: 26, values: (u, at) => at.map(hourText) }), axis({ size: 60 })],
        series: [{}, ...lines.map((e) => ({ label: e.name, stroke: e.colour, width: e.width ?? 2, dash: e.dash,
            fill: e.fill, points: { show: false }, spanGaps: false, paths: e.smooth ? undefined : stepped() }))],
        hooks: { setCursor: [show] }, ...options,
        scales: { x: { time: true, range: [AT[0], AT[STEPS]] }, ...options?.scales },
    }, [AT, ...lines.map((e) => (e.row.length > STEPS ? e.row : held(e.row)))], box));
}

// Each layer on top of those before it on its side of zero.
function stack(layers) {
    const sums = { true: new Array(STEPS).fill(0), false: new Array(STEPS).fill(0) };
    return layers.map((l) => {
        sums[l.up] = sums[l.up].map((y, i) => y + (l.up ? 1 : -1) * l.kw[i]);
        return sums[l.up];
    });
}

// layers: [{up, name(), colour(), kw}], those that go up first.
export function stackChart(key, layers) {
    const rows = stack(layers);
    const bands = [];
    const entries = layers.map((l, i) => {
        const colour = l.colour();
        const fill = colour.startsWith("#") ? `${colour}c0` : colour.replace("rgb(", "rgba(").replace(")", ", 0.75)");
        if (i > 0 && layers[i - 1].up === l.up) {
            bands.push({ series: [i + 1, i], fill, dir: l.up ? -1 : 1 });
        }
        return { name: l.name(), colour, fill, row: rows[i], shown: l.kw, width: 0.5, shape: "block" };
    });
    chart(key, entries, { bands,
        scales: { y: { range: (u, lo, hi) => [Math.min(0, lo) * 1.05 - 1, Math.max(0, hi) * 1.08 + 1] } } });
}

// ---- Schedule ----

function tip(shape, text) {
    shape.append(svg("title"));
    shape.firstChild.textContent = text;
    return shape;
}

const MARKS_MAX = 16;

// Moments with a line through the schedule: every three hours, or midnights.
function marked() {
    const hours = AT.slice(0, STEPS).filter((s) => /^(00|03|06|09|12|15|18|21):00$/.test(clock(s)));
    const some = hours.length <= MARKS_MAX ? hours : hours.filter((s) => clock(s) === "00:00");
    const every = Math.ceil(some.length / MARKS_MAX);
    return some.filter((_, i) => i % every === 0);
}

// rows: [name, [{kind, from, to, label}]]; kind is the class of the bar, `due` a line.
export function drawRows(rows) {
    const width = Math.max(500, byId("gantt").clientWidth);
    const height = rows.length * ROW_PX + 22;
    const inside = (s) => Math.min(AT[STEPS], Math.max(AT[0], s));
    const x = (s) => LABEL_PX + (inside(s) - AT[0]) / (AT[STEPS] - AT[0]) * (width - LABEL_PX);
    const parts = [];
    for (const s of marked()) {
        parts.push(svg("line", { class: "hour", x1: x(s), x2: x(s), y1: 0, y2: height - 18 }));
        parts.push(svg("text", { x: x(s), y: height - 4, "text-anchor": "middle" }));
        parts[parts.length - 1].textContent = hourText(s);
    }
    rows.forEach(([name, bars], row) => {
        parts.push(svg("text", { x: 0, y: row * ROW_PX + 16 }));
        parts[parts.length - 1].textContent = name;
        for (const b of bars) {
            const inset = b.kind === "window" ? 3 : 6;
            if (b.kind === "due") {
                parts.push(tip(svg("line", { class: "due", x1: x(b.from), x2: x(b.from), y1: row * ROW_PX + 4,
                    y2: row * ROW_PX + ROW_PX - 4 }), b.label));
            } else if (b.to > AT[0] && b.from < AT[STEPS]) {
                parts.push(tip(svg("rect", { class: b.kind, x: x(b.from), y: row * ROW_PX + inset, rx: 3,
                    width: Math.max(2, x(b.to) - x(b.from)), height: ROW_PX - 2 * inset }), b.label));
            }
        }
    });
    byId("gantt").replaceChildren(svg("svg", { viewBox: `0 0 ${width} ${height}`, height }, ...parts));
}

// ---- Figures ----

export const tile = (label, value, unit, kind) => h("div", { class: `tile ${kind ?? ""}` }, h("span", { text: label }),
    h("b", { text: value }), h("small", { text: unit ?? "" }));
export const cell = (text, kind) => h("td", { class: kind ?? "number", text });
export const table = (heads, rows) => h("table", null, h("thead", null, h("tr", null, ...heads.map((x, i) =>
    h("th", { class: i > 0 ? "number" : "", text: x })))), h("tbody", null, ...rows));

// ---- The whole ----

// Draws now, and again whenever language, colours or width change.
export function drawWhole(draw) {
    const again = () => {
        drawn.splice(0).forEach((u) => u.destroy());
        byId("charts").replaceChildren();
        document.documentElement.lang = language() === "zh" ? "zh-CN" : "en";
        byId("lang").textContent = t("lang.other");
        document.querySelectorAll("[data-i18n]").forEach((e) => { e.textContent = t(e.dataset.i18n); });
        draw();
        document.body.dataset.ready = "1";
    };
    byId("lang").addEventListener("click", () => { setLanguage(language() === "zh" ? "en" : "zh"); again(); });
    matchMedia("(prefers-color-scheme: light)").addEventListener("change", again);
    let later = 0;
    addEventListener("resize", () => { clearTimeout(later); later = setTimeout(again, 150); });
    again();
    return again;
}
