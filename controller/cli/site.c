/* Small helpers around starting a site. */
#include "controller/cli/site.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

int site_load(struct arena *a, const char *path, struct park **out)
{
    struct doc_errors errors = {0};
    enum err rc = park_load(a, path, out, &errors);
    for (int i = 0; i < errors.count && i < DOC_ERRORS_MAX; i++) {
        fprintf(stderr, "%s\n", errors.text[i]);
    }
    return rc == ERR_OK ? 0 : 1;
}

int site_state_dir(const struct park *p, const char *given, char *out, size_t cap)
{
    if (given != NULL) {
        snprintf(out, cap, "%s", given);
    } else {
        snprintf(out, cap, "run/%s", p->name);
        if (mkdir("run", 0700) != 0 && errno != EEXIST) {
            fprintf(stderr, "run: cannot be made: %s; give --state DIR\n", strerror(errno));
            return 3;
        }
    }
    if (mkdir(out, 0700) != 0 && errno != EEXIST) {
        fprintf(stderr, "%s: cannot be made: %s; give --state DIR\n", out, strerror(errno));
        return 3;
    }
    return 0;
}

int site_connect(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct timeval limit = {.tv_sec = 5};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || strlen(path) >= sizeof at.sun_path) {
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    snprintf(at.sun_path, sizeof at.sun_path, "%s", path);
    (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

enum err site_ask(const char *socket_path, const char *question, char *answer, size_t cap)
{
    char line[512];
    size_t have = 0;
    int fd = site_connect(socket_path);
    if (fd < 0) {
        return ERR_IO;
    }
    int n = snprintf(line, sizeof line, "%s\n", question);
    if (write(fd, line, (size_t)n) != n) {
        close(fd);
        return ERR_IO;
    }
    while (have < sizeof line - 1) {
        ssize_t got = read(fd, line + have, sizeof line - 1 - have);
        if (got <= 0) {
            break;
        }
        have += (size_t)got;
        if (memchr(line, '\n', have) != NULL) {
            break;
        }
    }
    close(fd);
    line[have] = '\0';
    char *end = strchr(line, '\n');
    if (end == NULL || strncmp(line, "ok", 2) != 0) {
        return ERR_PROTOCOL;
    }
    *end = '\0';
    snprintf(answer, cap, "%s", line[2] == ' ' ? line + 3 : "");
    return ERR_OK;
}

void site_exe(char *out, size_t cap)
{
    ssize_t n = readlink("/proc/self/exe", out, cap - 1);
    out[n > 0 ? n : 0] = '\0';
}
