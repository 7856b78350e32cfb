/* The numbers of the page, put into its template. */
#include "controller/cli/plan_plot.h"
#include "controller/cli/page.h"

enum err plan_plot(json_t *plan, json_t *question, const char *path)
{
    json_t *data = json_object();
    if (data != NULL && (json_object_set(data, "plan", plan) != 0 ||
                         json_object_set(data, "question", question) != 0)) {
        json_decref(data);
        data = NULL;
    }
    return page_write(&(struct page_ask){.name = "/plan.html", .path = path}, data);
}
