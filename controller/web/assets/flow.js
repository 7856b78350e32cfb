// The power-flow row: one card per group of devices, joined to the bus by a wire that shows the direction.
// Runs in the browser; draws from the state of app.js.
import { t } from "./i18n.js";
import { byId, h, number, percent, svg } from "./util.js";

const groups = [
    { key: "grid", kinds: [] },
    { key: "pv", kinds: ["pv"] },
    { key: "wind", kinds: ["wind"] },
    { key: "chp", kinds: ["chp", "orc"] },
    { key: "battery", kinds: ["battery"] },
    { key: "heat", kinds: ["heat_pump", "storage_boiler"] },
    { key: "kiln", kinds: ["kiln", "roller_kiln"] },
    { key: "charge", kinds: ["charger"] },
    { key: "load", kinds: ["load", "mill", "chiller", "compressor", "pump", "building", "capacitor_bank"] },
];

const of = (state, kinds) => state.devices.filter((d) => kinds.includes(d.kind));

// A silent device's last values are not what it does now.
const speaks = (d) => d.link?.online !== false;

// Sum of a point over devices that answer; null when none of them is known.
export function sum(state, devices, point) {
    const known = devices.filter(speaks).map((d) => state.values[`${d.name}.${point}`])
        .filter((x) => Number.isFinite(x));
    return known.length ? known.reduce((a, b) => a + b, 0) : null;
}

// Energy-weighted state of charge.
export function soc(state, devices) {
    let content = 0;
    let full = 0;
    for (const d of devices.filter(speaks)) {
        const pu = state.values[`${d.name}.soc_pu`];
        if (Number.isFinite(pu)) {
            const kwh = d.energy_kwh || 1;
            content += pu * kwh;
            full += kwh;
        }
    }
    return full > 0 ? content / full : null;
}

const rated = (devices) => devices.reduce((a, d) => a + d.rated_kw, 0);
const running = (state, devices) => devices.filter((d) => state.values[`${d.name}.state`] > 0).length;

const subs = {
    grid: (s, kw) => (kw < 0 ? t("flow.export") : t("flow.import")),
    pv: (s, kw, d) => t("flow.of_rated", number(rated(d), 0)),
    wind: (s, kw, d) => t("flow.of_rated", number(rated(d), 0)),
    chp: (s, kw, d) => t("flow.heat_out", number(sum(s, d, "heat_kw"))),
    battery: (s, kw) => (kw === null ? t("quality.missing") : Math.abs(kw) < 1 ? t("flow.idle") :
        kw > 0 ? t("flow.discharging") : t("flow.charging")),
    heat: (s, kw, d) => t("flow.heat_out", number(sum(s, d, "heat_kw"))),
    kiln: (s, kw, d) => t("flow.firing", running(s, d), d.length),
    charge: (s, kw, d) => t("flow.sessions", number(sum(s, d, "sessions"), 0)),
    load: (s, kw, d) => t("flow.mills", running(s, d.filter((x) => x.kind === "mill")),
        d.filter((x) => x.kind === "mill").length),
};

function wire(kw) {
    const idle = !(Math.abs(kw) >= 1);
    const line = svg("line", { x1: 13, y1: 0, x2: 13, y2: 34 });
    const parts = [line];
    if (!idle) {
        const wide = Math.min(7, 2.5 + Math.log10(Math.abs(kw)));
        parts.push(svg("line", { class: kw > 0 ? "moving draws" : "moving", x1: 13, y1: 34, x2: 13, y2: 0,
            "stroke-width": wide }));
        parts.push(svg("path", { d: kw > 0 ? "M5 20 h16 l-8 11 z" : "M5 14 h16 l-8 -11 z" }));
    }
    return svg("svg", { class: "wire", viewBox: "0 0 26 34" }, ...parts);
}

function card(state, group) {
    const devices = of(state, group.kinds);
    const kw = group.key === "grid" ? state.status.pcc_kw : sum(state, devices, "kw");
    const children = [
        h("div", { class: "name" }, h("span", { text: t(`node.${group.key}`) }),
            h("span", { text: group.key === "battery" ? t("flow.soc", percent(soc(state, devices))) : "" })),
        h("div", { class: "value" }, number(kw === null ? null : Math.abs(kw)), h("small", { text: "kW" })),
    ];
    const sub = group.key === "load" && !devices.some((d) => d.kind === "mill") ? "" : subs[group.key](state, kw, devices);
    children.push(h("div", { class: "sub", text: sub }));
    if (group.key === "battery") {
        const fill = h("b");
        fill.style.width = `${100 * (soc(state, devices) ?? 0)}%`;
        children.push(h("div", { class: "bar" }, fill));
    }
    return h("div", { class: "node", vars: { "--tone": `var(--${group.key})` } }, ...children, wire(kw ?? 0));
}

export function drawFlow(state) {
    const shown = groups.filter((g) => g.key === "grid" || of(state, g.kinds).length > 0);
    byId("flow").replaceChildren(
        ...shown.map((g) => card(state, g)),
        h("div", { class: "bus" }, h("span", { text: t("flow.bus", number(state.status.residual_kw)) })));
}
