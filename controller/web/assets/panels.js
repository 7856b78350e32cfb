// The boxes beside the curves: limits, plan, today, demand response, alarms, events, devices. Runs in the
// browser; draws from the state of app.js.
import { t, title, word } from "./i18n.js";
import { byId, dayTimeText, h, number, percent, replace, secondText, span, timeText } from "./util.js";

function gauge(label, shown, note, parts) {
    const track = h("div", { class: "track" });
    for (const p of parts) {
        const e = h("div", { class: p.class });
        e.style.left = `${100 * p.from}%`;
        if (p.to !== undefined) {
            e.style.width = `${100 * Math.max(0, p.to - p.from)}%`;
        }
        track.append(e);
    }
    return h("div", { class: "gauge" }, h("div", { class: "row" }, h("span", { text: label }), h("b", { text: shown })),
        track, h("div", { class: "row" }, ...note.map((n) => h("span", { text: n }))));
}

const tone = (used) => (used > 1 ? "fill bad" : used > 0.92 ? "fill warn" : "fill");
const limitText = (kw) => (Number.isFinite(kw) && kw !== null ? `${number(kw)} kW` : t("limits.none"));

export function drawLimits(s) {
    const exportMax = Math.max(s.export_limit_kw ?? 0, -s.pcc_kw, 0);
    const importMax = Math.max(s.import_limit_kw ?? 0, s.pcc_kw, s.plan_pcc_kw, 1);
    const low = -Math.max(exportMax, importMax * 0.06);
    const at = (kw) => (kw - low) / (importMax * 1.04 - low);
    const pcc = [
        { class: tone(s.pcc_kw >= 0 ? s.pcc_kw / (s.import_limit_kw ?? Infinity) : s.export_limit_kw > 0 ?
            -s.pcc_kw / s.export_limit_kw : 2), from: at(Math.min(0, s.pcc_kw)), to: at(Math.max(0, s.pcc_kw)) },
        { class: "zero", from: at(0) },
        { class: "mark limit", from: at(s.import_limit_kw ?? importMax) },
        { class: "mark limit", from: at(-(s.export_limit_kw ?? 0)) },
    ];
    if (Number.isFinite(s.plan_pcc_kw) && s.plan_pcc_kw !== null) {
        pcc.push({ class: "mark", from: at(s.plan_pcc_kw) });
    }
    const demandMax = Math.max(s.demand_target_kw ?? 0, s.demand_15min_kw, s.month_peak_kw, 1) * 1.05;
    const exports = s.export_limit_kw > 0 ? `${t("limits.export")} ${limitText(s.export_limit_kw)}` : t("limits.no_export");
    replace("limits",
        gauge(t("limits.pcc"), `${number(Math.abs(s.pcc_kw))} kW ${s.pcc_kw < 0 ? t("flow.export") : t("flow.import")}`,
            [exports, `${t("limits.import")} ${limitText(s.import_limit_kw)}`], pcc),
        gauge(t("limits.demand"), `${number(s.demand_15min_kw)} kW`,
            [`${t("limits.peak")} ${limitText(s.month_peak_kw)}`, `${t("limits.target")} ${limitText(s.demand_target_kw)}`], [
                { class: tone(s.demand_15min_kw / (s.demand_target_kw ?? Infinity)), from: 0,
                    to: Math.max(0, s.demand_15min_kw) / demandMax },
                { class: "mark", from: (s.month_peak_kw ?? 0) / demandMax },
                { class: "mark limit", from: (s.demand_target_kw ?? demandMax) / demandMax },
            ]));
}

const pair = (key, value) => h("div", { class: "kv" }, h("span", { text: t(key) }), h("b", { text: value }));

export function drawPlan(state) {
    const s = state.status;
    const head = s.plan ?? { fallback: "safe" };
    const healthy = head.fallback === "plan" && head.origin === "milp";
    const gap = s.plan_gap_pu === null || s.plan_gap_pu > 10 ? t("plan.open_gap") : `${percent(s.plan_gap_pu, 2)} %`;
    const breaches = state.plan?.breaches ?? [];
    replace("plan",
        h("div", { class: "plan-head" },
            h("span", { class: `badge ${healthy ? "normal" : head.fallback === "safe" ? "failsafe" : "warn"}`,
                text: word("fallback", head.fallback) }),
            h("span", { class: "badge", text: word("origin", head.origin ?? "none") })),
        pair("plan.age", span(head.age_s)),
        pair("plan.gap", head.origin === "milp" ? gap : "–"),
        pair("plan.cost", `${number(s.plan_cost_yuan, 0)} ${t("unit.yuan")}`),
        pair("plan.pcc", `${number(s.plan_pcc_kw)} / ${number(s.pcc_kw)} kW`),
        breaches.length ? pair("plan.breaches", breaches.slice(0, 3).map((b) => `${b.asset} ${number(b.kw_max)}`).join(", ")) : null,
        head.reason ? h("div", { class: "note", text: head.reason }) : null);
}

export function drawToday(s) {
    const tile = (key, value, unit) => h("div", { class: "tile" }, h("span", { text: t(key) }),
        h("b", null, value, h("small", { text: unit })));
    replace("today",
        tile("today.import", number(s.today_import_kwh, 0), "kWh"),
        tile("today.export", number(s.today_export_kwh, 0), "kWh"),
        tile("today.pv", number(s.today_pv_kwh, 0), "kWh"),
        tile("today.yuan", number(s.today_yuan, 0), t("unit.yuan")),
        tile("today.co2", number(s.today_kgco2 === null ? null : s.today_kgco2 / 1000, 2), "tCO₂"),
        tile("today.self", percent(s.self_consumption_pu), "%"));
}

export function drawDr(state, cancel) {
    const open = (e) => ["received", "committed", "active"].includes(e.state);
    const rows = state.dr.slice(0, 12).map((e) => {
        const facts = [e.baseline_kw !== null ? t("dr.baseline", number(e.baseline_kw)) : null,
            e.cap_kw !== null ? t("dr.cap", number(e.cap_kw)) : null,
            e.delivered_kw !== null && !["received", "committed"].includes(e.state) ?
                t("dr.delivered", number(e.delivered_kw)) : null, e.program || null, e.reason || null];
        return h("div", { class: `item ${e.state === "active" ? "warning" : ""}` },
            h("div", { class: "body" },
                h("div", null, h("b", { text: `${word("drstate", e.state)} ` }),
                    `${t(`dr.${e.direction}`).split(/[（(]/)[0].trim()} ${number(e.kw)} kW · ` +
                    `${dayTimeText(Date.parse(e.start))}–${timeText(Date.parse(e.end))}`),
                h("div", { text: [e.id, ...facts.filter(Boolean)].join(" · ") })),
            open(e) ? h("button", { class: "plain", type: "button", text: t("dr.cancel"), onclick: () => cancel(e) }) : null);
    });
    replace("dr-list", ...(rows.length ? rows : [h("div", { class: "empty", text: t("dr.none") })]));
}

export function drawAlarms(state, ack) {
    const order = { alarm: 0, warning: 1, info: 2 };
    const list = [...state.alarms].sort((a, b) => a.acked - b.acked || order[a.severity] - order[b.severity] ||
        b.since.localeCompare(a.since));
    const rows = list.map((a) => h("div", { class: `item ${a.severity} ${a.acked ? "acked" : ""}` },
        h("div", { class: "body" },
            h("div", null, h("b", { text: `${nameOf(state, a.source)} ` }), word("what", a.what),
                a.severity === "info" ? h("span", { class: "over", text: t("alarms.over") }) : null),
            h("div", { text: `${dayTimeText(Date.parse(a.since))}${a.text ? ` · ${a.text}` : ""}` })),
        a.acked ? h("span", { class: "badge small", text: t("alarms.acked") }) :
            h("button", { class: "plain", type: "button", text: t("alarms.ack"), onclick: () => ack(a.id) })));
    replace("alarms", ...(rows.length ? rows : [h("div", { class: "empty good", text: t("alarms.none") })]));
    const open = list.filter((a) => !a.acked).length;
    byId("ack-all").disabled = open === 0;
    byId("alarm-count").hidden = open === 0;
    byId("alarm-count").textContent = t("alarms.count", open);
}

// Title of a device, or the word itself where it names something else.
function nameOf(state, name) {
    const d = state.devices.find((x) => x.name === name);
    return d ? title(d.title) : word("source", name);
}

export function drawEvents(state) {
    const rows = state.events.map((e) => h("div", { class: `item event ${e.severity}` },
        h("time", { text: secondText(Date.parse(e.at)) }),
        h("div", { class: "body" }, h("div", null, h("b", { text: `${nameOf(state, e.source)} ` }), word("what", e.what)),
            e.text ? h("div", { text: e.text }) : null)));
    const none = h("div", { class: "empty", text: t(state.eventsUnread ? "events.unread" : "events.none") });
    replace("events", ...(rows.length ? rows : [none]));
}

// ---- Devices ----

function stateText(state, d) {
    const value = (p) => state.values[`${d.name}.${p}`];
    const s = value("state");
    if (s === null || s === undefined) {
        return "";
    }
    return d.kind === "kiln" ? t(`kiln.${s}`, number(value("degc"), 0), number(value("segment"), 0)) : word("run", s);
}

const qualityTone = { bad: "bad", missing: "dim", stale: "warn" };

/* Who is in a person's hands, and how. */
function manualBadge(d) {
    const m = d.manual;
    if (!m) {
        return [];
    }
    const text = t("devices.manual", m.point.slice(d.name.length + 1), number(m.value, 1), m.unit);
    const until = m.until ? ` ${t("devices.until", timeText(m.until))}` : "";
    return [" ", h("span", { class: "badge small", text: text + until })];
}

function deviceRow(state, d) {
    const l = d.link;
    const kw = state.values[`${d.name}.kw`] ?? state.values[`${d.name}.heat_kw`];
    const lamp = l.online ? (l.trusted ? "good" : "warn") : "bad";
    const fault = state.values[`${d.name}.state`] === (d.kind === "kiln" ? 3 : 5);
    const many = (x) => ({ class: `number ${x > 0 ? "warn" : "dim"}`, text: number(x, 0) });
    return h("tr", null,
        h("td", null, h("span", { class: `lamp ${lamp}` }), title(d.title), " ", h("small", { class: "dim", text: d.name })),
        h("td", { class: "dim", text: title(d.kind_title) }),
        h("td", { class: "number", text: number(kw) }),
        h("td", { class: fault ? "bad" : "" },
            l.online && !l.trusted ? t("devices.untrusted") : stateText(state, d), ...manualBadge(d)),
        h("td", { class: qualityTone[d.quality] ?? "", text: word("quality", d.quality) }),
        h("td", { class: "number", text: l.online ? number(l.latency_ms, 1) : "–" }),
        h("td", { class: "number dim", text: l.period_ms > 0 ? number(l.period_ms / 1000, 1) : "–" }),
        h("td", many(l.failed)), h("td", many(l.timeouts)), h("td", many(l.reconnects)));
}

export function drawDevices(state) {
    const columns = ["device", "kind", "power", "state", "quality", "latency", "period", "failed", "timeouts",
        "reconnects"];
    const numeric = new Set(["power", "latency", "period", "failed", "timeouts", "reconnects"]);
    const head = h("tr", null, ...columns.map((c) => h("th", { class: numeric.has(c) ? "number" : "",
        text: t(`devices.${c}`) })));
    const rank = (d) => (d.link.online ? 1 : 0) + (d.manual ? 0 : 0.5);
    const badFirst = [...state.devices].sort((a, b) => rank(a) - rank(b));
    replace("devices", h("thead", null, head), h("tbody", null, ...badFirst.map((d) => deviceRow(state, d))));
    byId("devices-sum").textContent = t("devices.online", state.devices.filter((d) => d.link.online).length,
        state.devices.length);
}
