/* One request, one answer. */
#include "controller/cli/client.h"
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX = 8 * 1024 * 1024 };

struct answer {
    char *text;
    size_t len;
};

static size_t on_bytes(char *bytes, size_t size, size_t count, void *arg)
{
    struct answer *a = arg;
    size_t n = size * count;
    if (a->len + n > ANSWER_MAX) {
        return 0;
    }
    char *more = realloc(a->text, a->len + n + 1);
    if (more == NULL) {
        return 0;
    }
    a->text = more;
    memcpy(a->text + a->len, bytes, n);
    a->len += n;
    a->text[a->len] = '\0';
    return n;
}

static struct curl_slist *headers_of(const struct client *c)
{
    char line[CLIENT_TOKEN_LEN + 32];
    struct curl_slist *list = curl_slist_append(NULL, "Content-Type: application/json");
    if (c->token[0] != '\0') {
        (void)snprintf(line, sizeof line, "Authorization: Bearer %s", c->token);
        list = curl_slist_append(list, line);
    }
    return list;
}

/* What the controller says is wrong, for people. */
static enum err refused(long status, const json_t *answer)
{
    const char *detail = json_string_value(json_object_get(answer, "detail"));
    (void)fprintf(stderr, "kilnwatt: %s\n",
                  detail != NULL ? detail : "the controller refused without a reason");
    return status == 401 || status == 403 ? ERR_DENIED
           : status == 404                ? ERR_NOT_FOUND
                                          : ERR_RANGE;
}

static enum err take_answer(CURL *curl, const struct answer *got, json_t **out)
{
    struct json_ask ask = {.where = "answer"};
    json_t *parsed = NULL;
    long status = 0;
    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    if (json_read(&ask, got->text != NULL ? got->text : "", got->len, ANSWER_MAX, &parsed) !=
        ERR_OK) {
        (void)fprintf(stderr, "kilnwatt: status %ld with an answer that is no JSON\n", status);
        return ERR_PROTOCOL;
    }
    if (status >= 400) {
        enum err rc = refused(status, parsed);
        json_decref(parsed);
        return rc;
    }
    *out = parsed;
    return ERR_OK;
}

static void set_up(CURL *curl, const char *url, const char *method, struct answer *got)
{
    (void)curl_easy_setopt(curl, CURLOPT_URL, url);
    (void)curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    (void)curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http");
    (void)curl_easy_setopt(curl, CURLOPT_PROXY, "");
    (void)curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 5L);
    (void)curl_easy_setopt(curl, CURLOPT_TIMEOUT, 15L);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes);
    (void)curl_easy_setopt(curl, CURLOPT_WRITEDATA, got);
}

enum err client_ask(const struct client *c, const char *method, const char *path,
                    const json_t *body, json_t **answer)
{
    char url[CLIENT_URL_LEN + 128];
    struct answer got = {NULL, 0};
    CURL *curl = curl_easy_init();
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    struct curl_slist *headers = headers_of(c);
    enum err rc = curl == NULL ? ERR_NOMEM : ERR_OK;
    if (rc == ERR_OK) {
        (void)snprintf(url, sizeof url, "%s%s", c->url, path);
        set_up(curl, url, method, &got);
        (void)curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        if (text != NULL) {
            (void)curl_easy_setopt(curl, CURLOPT_POSTFIELDS, text);
        }
        CURLcode code = curl_easy_perform(curl);
        if (code != CURLE_OK) {
            (void)fprintf(stderr, "kilnwatt: %s: %s; is the controller running?\n", c->url,
                          curl_easy_strerror(code));
            rc = ERR_IO;
        }
        rc = rc == ERR_OK ? take_answer(curl, &got, answer) : rc;
    }
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    free(text);
    free(got.text);
    return rc;
}
