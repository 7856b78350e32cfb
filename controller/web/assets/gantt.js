// Firings and batches over time: window, planned start, what runs and what is done. Runs in the browser.
import { t, title, word } from "./i18n.js";
import { byId, dayTimeText, h, legend, svg, timeText } from "./util.js";

const H = 3600;
const PAST_S = 12 * H;
const AHEAD_S = 24 * H;
const ROW = 24;
const LABEL = 120;

const seconds = (iso) => (iso ? Date.parse(iso) / 1000 : null);

function bars(state, order) {
    const plan = state.plan?.orders.find((o) => o.id === order.id.slice(0, 31));
    const from = seconds(order.started);
    const shapes = [["window", seconds(order.from), Math.max(seconds(order.to), seconds(order.due) ?? 0)]];
    if (from) {
        const end = seconds(order.ended) ?? seconds(plan?.end) ?? Math.max(state.now, from + H);
        shapes.push([order.state, from, end]);
    } else if (order.planned) {
        const start = seconds(order.planned);
        shapes.push(["planned", start, seconds(plan?.end) ?? start + H]);
    } else if (order.state === "missed" || order.state === "failed") {
        shapes.push([order.state, seconds(order.to) - H / 2, seconds(order.to)]);
    }
    return shapes;
}

function tip(order) {
    const when = [order.planned, order.started, order.ended].map((x) => (x ? timeText(Date.parse(x)) : "–"));
    return `${order.id} · ${word("order", order.state)} · ${when.join(" / ")} · ${order.done_kwh.toFixed(0)}/` +
        `${order.energy_kwh.toFixed(0)} kWh`;
}

export function drawGantt(state) {
    const box = byId("gantt");
    const left = state.now - PAST_S;
    const right = state.now + AHEAD_S;
    const seen = state.orders.filter((o) => Math.max(seconds(o.to), seconds(o.due) ?? 0) > left &&
        seconds(o.from) < right);
    legend("gantt-legend", [[t("order.window"), "#243547", "block"], [t("order.planned"), "--kiln", "block"],
        [t("order.running"), "--chp", "block"], [t("order.done"), "#2f7d55", "block"],
        [t("order.missed"), "--bad", "block"]]);
    if (seen.length === 0) {
        box.replaceChildren(h("div", { class: "empty", text: t("gantt.none") }));
        return;
    }
    const names = state.devices.map((d) => d.name).filter((n) => seen.some((o) => o.device === n));
    const width = Math.max(500, box.clientWidth);
    const height = names.length * ROW + 22;
    const x = (s) => LABEL + (Math.min(right, Math.max(left, s)) - left) / (right - left) * (width - LABEL);
    const parts = [];
    for (let s = Math.ceil(left / (3 * H)) * 3 * H; s < right; s += 3 * H) {
        parts.push(svg("line", { class: "hour", x1: x(s), x2: x(s), y1: 0, y2: height - 18 }));
        const label = svg("text", { x: x(s), y: height - 4, "text-anchor": "middle" });
        label.textContent = timeText(s * 1000);
        parts.push(label);
    }
    names.forEach((name, row) => {
        const label = svg("text", { x: 0, y: row * ROW + 16 });
        label.textContent = title(state.devices.find((d) => d.name === name).title);
        parts.push(label);
        for (const order of seen.filter((o) => o.device === name)) {
            for (const [kind, from, to] of bars(state, order)) {
                const inset = kind === "window" ? 3 : 6;
                const rect = svg("rect", { class: kind, x: x(from), y: row * ROW + inset, rx: 3,
                    width: Math.max(2, x(to) - x(from)), height: ROW - 2 * inset });
                rect.append(svg("title"));
                rect.firstChild.textContent = `${tip(order)} (${dayTimeText(from * 1000)})`;
                parts.push(rect);
            }
        }
    });
    parts.push(svg("line", { class: "now", x1: x(state.now), x2: x(state.now), y1: 0, y2: height - 18 }));
    box.replaceChildren(svg("svg", { viewBox: `0 0 ${width} ${height}`, height }, ...parts));
}
