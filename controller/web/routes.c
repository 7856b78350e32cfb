/* The route table, and what is checked before a handler sees a request. Runs in the web role.
 */
#include "controller/web/routes.h"
#include <stdio.h>
#include <string.h>

const struct route routes_table[] = {
    {HTTP_GET,    "/healthz",               ACCESS_READER,   get_health,      "Is the park under control"},
    {HTTP_GET,    "/metrics",               ACCESS_READER,   get_metrics,     "Prometheus metrics"       },
    {HTTP_GET,    "/api/v1/status",         ACCESS_READER,   get_status,      "Status of the park now"   },
    {HTTP_GET,    "/api/v1/points",         ACCESS_READER,   get_points,
     "All points with value and quality"                                                                 },
    {HTTP_GET,    "/api/v1/points/{name}",  ACCESS_READER,   get_point,       "One point"                },
    {HTTP_GET,    "/api/v1/devices",        ACCESS_READER,   get_devices,     "Devices and their links"  },
    {HTTP_GET,    "/api/v1/plan",           ACCESS_READER,   get_plan,        "Plan in force"            },
    {HTTP_GET,    "/api/v1/orders",         ACCESS_READER,   get_orders,      "Production orders"        },
    {HTTP_GET,    "/api/v1/alarms",         ACCESS_READER,   get_alarms,      "Alarms that stand"        },
    {HTTP_GET,    "/api/v1/events",         ACCESS_READER,   get_events,      "Journal of events"        },
    {HTTP_GET,    "/api/v1/history",        ACCESS_READER,   get_history,     "Means of points over time"},
    {HTTP_GET,    "/api/v1/tariff",         ACCESS_READER,   get_tariff,      "Price bands over time"    },
    {HTTP_GET,    "/api/v1/dr/events",      ACCESS_READER,   get_dr_list,     "Demand-response events"   },
    {HTTP_POST,   "/api/v1/dr/events",      ACCESS_OPERATOR, post_dr_event,   "Trigger an event"         },
    {HTTP_GET,    "/api/v1/dr/events/{id}", ACCESS_READER,   get_dr_event,    "One event"                },
    {HTTP_DELETE, "/api/v1/dr/events/{id}", ACCESS_OPERATOR, delete_dr_event,
     "Cancel an event"                                                                                   },
    {HTTP_POST,   "/api/v1/set",            ACCESS_OPERATOR, post_set,        "Setpoint by hand"         },
    {HTTP_POST,   "/api/v1/auto",           ACCESS_OPERATOR, post_auto,       "Device back to automatic" },
    {HTTP_POST,   "/api/v1/ack",            ACCESS_OPERATOR, post_ack,        "Acknowledge alarms"       },
    {HTTP_POST,   "/api/v1/replan",         ACCESS_OPERATOR, post_replan,     "Ask for a new plan"       },
    {HTTP_GET,    "/api/v1/stream",         ACCESS_READER,   get_stream,
     "Live values as server-sent events"                                                                 },
    {HTTP_GET,    "/api/v1/openapi.json",   ACCESS_READER,   get_openapi,     "This description"         },
    {HTTP_GET,    "/",                      ACCESS_READER,   get_asset,       "Dashboard"                },
    {HTTP_GET,    "/assets/{file}",         ACCESS_READER,   get_asset,       "Files of the dashboard"   },
};
const int routes_count = sizeof routes_table / sizeof routes_table[0];

bool routes_match(const char *pattern, const char *path, char *param, size_t cap)
{
    const char *brace = strchr(pattern, '{');
    if (brace == NULL) {
        return strcmp(pattern, path) == 0;
    }
    size_t head = (size_t)(brace - pattern);
    if (strncmp(pattern, path, head) != 0) {
        return false;
    }
    const char *rest = path + head;
    size_t len = strlen(rest);
    if (len == 0 || len >= cap || strchr(rest, '/') != NULL) {
        return false;
    }
    memcpy(param, rest, len + 1);
    return true;
}

bool routes_host_ok(const char *host)
{
    static const char *const names[] = {"127.0.0.1", "localhost"};
    for (size_t i = 0; host != NULL && i < sizeof names / sizeof names[0]; i++) {
        size_t len = strlen(names[i]);
        if (strncmp(host, names[i], len) != 0) {
            continue;
        }
        const char *tail = host + len;
        if (*tail == '\0' ||
            (*tail == ':' && strspn(tail + 1, "0123456789") == strlen(tail + 1))) {
            return true;
        }
    }
    return false;
}

/* A page of another site must neither read through a name that points here (DNS rebinding) nor
 * post. */
static bool from_here(struct http_call *c)
{
    char own[128];
    const char *host = http_header(c, "Host");
    const char *origin = http_header(c, "Origin");
    if (!routes_host_ok(host)) {
        answer_problem(c, 421, ERR_DENIED,
                       "Host: %.80s is not this machine; use 127.0.0.1 or localhost",
                       host != NULL ? host : "(none)");
        return false;
    }
    (void)snprintf(own, sizeof own, "http://%s", host);
    if (origin != NULL && strcmp(origin, own) != 0) {
        answer_problem(c, 403, ERR_DENIED, "Origin: %.80s is another site than %s", origin,
                       own);
        return false;
    }
    return true;
}

/* Compares all characters whatever they are, so that the time tells nothing. */
static bool token_ok(const struct web *w, const char *given)
{
    unsigned differ = 0;
    if (strlen(given) != TOKEN_LEN - 1) {
        return false;
    }
    for (size_t i = 0; i < TOKEN_LEN - 1; i++) {
        differ |= (unsigned)(given[i] ^ w->token[i]);
    }
    return differ == 0;
}

static bool may(const struct web *w, struct http_call *c, const struct route *r)
{
    static const char scheme[] = "Bearer ";
    if (r->access == ACCESS_READER) {
        return true;
    }
    const char *auth = http_header(c, "Authorization");
    bool bearer = auth != NULL && strncmp(auth, scheme, sizeof scheme - 1) == 0;
    if (bearer && token_ok(w, auth + sizeof scheme - 1)) {
        return true;
    }
    http_answer_header(c, "WWW-Authenticate", "Bearer");
    answer_problem(
        c, 401, ERR_DENIED,
        "Authorization: %s; give \"Bearer TOKEN\" with the token from the file `token` in "
        "the state directory",
        bearer ? "the token is not the right one" : "is missing");
    return false;
}

void routes_handle(struct http_call *c, void *arg)
{
    struct web *w = arg;
    char param[HTTP_PATH_MAX];
    bool path_known = false;
    w->requests++;
    if (!from_here(c)) {
        w->refused++;
        return;
    }
    if (http_path(c)[0] == '\0') {
        answer_problem(c, 400, ERR_SYNTAX,
                       "path: cannot be decoded, or holds a NUL; give /api/v1/…");
        return;
    }
    for (int i = 0; i < routes_count; i++) {
        const struct route *r = &routes_table[i];
        param[0] = '\0';
        if (!routes_match(r->pattern, http_path(c), param, sizeof param)) {
            continue;
        }
        path_known = true;
        if (r->method == http_method(c)) {
            if (may(w, c, r)) {
                r->fn(w, c, param);
            } else {
                w->refused++;
            }
            return;
        }
    }
    if (path_known) {
        answer_problem(c, 405, ERR_UNKNOWN_KEY, "method: not known for %.200s", http_path(c));
    } else {
        answer_problem(c, 404, ERR_NOT_FOUND,
                       "path: %.200s is not known; see /api/v1/openapi.json", http_path(c));
    }
}
