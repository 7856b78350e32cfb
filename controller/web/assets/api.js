// The dashboard's way to the controller: reading, commands with the operator's token, the live stream. Runs
// in the browser; owns the token while the page is open.
import { byId } from "./util.js";
import { t } from "./i18n.js";

export async function get(path) {
    const answer = await fetch(path, { cache: "no-store" });
    if (!answer.ok) {
        throw new Error(`${path}: ${answer.status}`);
    }
    return answer.json();
}

let token = "";

// Asks for the token once per page; "" when it is not given.
function askToken() {
    const dialog = byId("token-dialog");
    const input = byId("token-input");
    input.value = "";
    dialog.returnValue = "";
    dialog.showModal();
    return new Promise((done) => {
        dialog.addEventListener("close", () => {
            done(dialog.returnValue === "ok" ? input.value.trim() : "");
            input.value = "";
        }, { once: true });
    });
}

// Sends a command; throws an Error with the controller's own sentence. Returns null when the token was not
// given.
export async function command(method, path, body) {
    token ||= await askToken();
    if (!token) {
        return null;
    }
    const headers = { Authorization: `Bearer ${token}` };
    if (body) {
        headers["Content-Type"] = "application/json";
        headers["Idempotency-Key"] = crypto.randomUUID();
    }
    const answer = await fetch(path, { method, headers, body: body ? JSON.stringify(body) : undefined });
    const value = await answer.json().catch(() => ({}));
    if (answer.status === 401) {
        token = "";
        throw new Error(t("toast.denied"));
    }
    if (!answer.ok) {
        throw new Error(value.detail ?? String(answer.status));
    }
    return value;
}

// Keeps a stream open for ever: reconnects by itself, with a pause that grows to 10 s.
export function stream(path, onMessage) {
    let pause = 500;
    const open = () => {
        const source = new EventSource(path);
        source.onmessage = (m) => {
            pause = 500;
            onMessage(JSON.parse(m.data));
        };
        source.onerror = () => {
            source.close();
            setTimeout(open, pause);
            pause = Math.min(10000, pause * 2);
        };
    };
    open();
}
