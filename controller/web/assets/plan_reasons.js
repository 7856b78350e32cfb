// Why a plan is as it is: sentences from its numbers, in both languages. Runs in the browser.
import { t, word } from "./i18n.js";
import { costName, plan, question, signed, stepSpan } from "./plan_data.js";
import { AT, when } from "./sheet.js";
import { byId, h, number } from "./util.js";

const ORDER_LIMITS = ["earliest", "latest", "machine", "next"];
const LEAST_KWH = 0.5; // less energy than this is none
const TERMS_MAX = 3; // of a difference that are written; all are in its tip

function sentence(r) {
    const x = (v) => number(v, 3);
    const order = question.orders.find((o) => o.id === r.asset);
    const span = r.from_step >= 0 ? stepSpan(r.from_step, r.to_step) : "";
    if (r.kind === "order") {
        if (order.start === null) {
            return t("why.order_skipped");
        }
        const bound = (plan.explain.limits ?? []).filter((l) => l.asset === r.asset &&
            ORDER_LIMITS.includes(l.kind)).map((l) => t(`bind.${l.kind}`)).join(t("why.and"));
        return (order.started ? t("why.order_runs", number(r.in_kwh, 0), x(r.in_yuan_per_kwh)) :
            t("why.order", when(order.start), number(r.in_kwh, 0), x(r.in_yuan_per_kwh), when(order.from),
                when(order.to))) + (bound ? t("why.bound", bound) : "");
    }
    if (r.kind === "job") {
        return r.from_step < 0 ? t("why.job_none") :
            t("why.job", number(r.in_kwh, 0), span, r.runs, x(r.in_yuan_per_kwh));
    }
    if (r.kind === "unit") {
        return r.from_step >= 0 ? t("why.unit", number(r.hours, 1), span, number(r.in_kwh, 0), x(r.in_yuan_per_kwh),
            number(r.out_kwh, 0), x(r.out_yuan_per_kwh), signed(r.earns_yuan)) :
            t("why.unit_off", r.best_step >= 0 ? when(AT[r.best_step]) : "–", x(r.best_yuan_per_kwh));
    }
    if (r.in_kwh + r.out_kwh + r.lost_kwh < LEAST_KWH) {
        return t("why.still");
    }
    if (r.kind === "storage") {
        return t("why.storage", number(r.in_kwh, 0), x(r.in_yuan_per_kwh), number(r.out_kwh, 0), x(r.out_yuan_per_kwh),
            signed(r.earns_yuan));
    }
    return t("why.source", number(r.out_kwh, 0), x(r.out_yuan_per_kwh)) +
        (r.lost_kwh >= LEAST_KWH ? t("why.lost", number(r.lost_kwh, 0), x(r.lost_yuan_per_kwh)) : "");
}

function whatIf(w) {
    const start = ["order_at", "job_at_once"].includes(w.change);
    const at = start ? when(AT[w.from_step]) : stepSpan(w.from_step, w.to_step);
    const terms = Object.entries(w.cost).filter(([, v]) => Math.abs(v) >= 0.005).sort((a, b) =>
        Math.abs(b[1]) - Math.abs(a[1])).map(([k, v]) => `${costName(k)} ${signed(v)}`);
    const kind = w.yuan > 0.005 ? "more" : w.yuan < -0.005 ? "less" : "";
    const yuan = w.yuan === null ? t("why.unsolved") : `${signed(w.yuan)} ${t("unit.yuan")}`;
    return h("li", { title: terms.join(t("why.comma")) }, h("span", { text: `${word("change", w.change)} ${at}` }),
        h("small", { text: terms.slice(0, TERMS_MAX).join(t("why.comma")) }), h("b", { class: kind, text: yuan }));
}

export function drawReasons() {
    const all = plan.explain?.reasons ?? [];
    byId("reasons-panel").hidden = all.length === 0;
    const asked = all.flatMap((r) => r.what_if).filter((w) => w.yuan !== null);
    byId("reason-rest").textContent = t(asked.every((w) => w.rest === "free") ? "reason.free" : "reason.pinned");
    byId("reasons").replaceChildren(...["order", "job", "unit", "storage", "source"].flatMap((kind) => {
        const rows = all.filter((r) => r.kind === kind).map((r) => h("div", { class: "reason" },
            h("b", { text: word("asset", r.asset) }), h("span", { text: sentence(r) }),
            h("ul", null, ...r.what_if.map(whatIf))));
        return rows.length > 0 ? [h("h3", { text: t(`reason.${kind}`) }), ...rows] : [];
    }));
}
