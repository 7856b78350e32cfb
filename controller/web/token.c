/* Reading and making the token file. Runs in the web role while it boots. */
#include "controller/web/token.h"
#include "controller/base/log.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { DIGITS = 64, PATH_MAX_LEN = 512 };

static enum err token_read(int fd, char *out)
{
    char text[DIGITS + 2] = "";
    ssize_t n = read(fd, text, sizeof text - 1);
    if (n < 0) {
        return ERR_IO;
    }
    text[strcspn(text, "\n")] = '\0';
    if (strlen(text) != DIGITS || strspn(text, "0123456789abcdef") != DIGITS) {
        return ERR_SYNTAX;
    }
    memcpy(out, text, DIGITS + 1);
    return ERR_OK;
}

static enum err token_make(const char *path, char *out)
{
    unsigned char raw[DIGITS / 2];
    char text[DIGITS + 2];
    if (getrandom(raw, sizeof raw, 0) != (ssize_t)sizeof raw) {
        return ERR_IO;
    }
    for (size_t i = 0; i < sizeof raw; i++) {
        (void)snprintf(text + 2 * i, sizeof text - 2 * i, "%02x", raw[i]);
    }
    text[DIGITS] = '\n';
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return ERR_IO;
    }
    bool ok = write(fd, text, DIGITS + 1) == DIGITS + 1 && fsync(fd) == 0;
    ok = close(fd) == 0 && ok;
    if (!ok) {
        (void)unlink(path); /* half a token is none */
        return ERR_IO;
    }
    memcpy(out, text, DIGITS);
    out[DIGITS] = '\0';
    return ERR_OK;
}

enum err token_load(const char *dir, char *out, size_t cap)
{
    char path[PATH_MAX_LEN];
    if (cap <= DIGITS || snprintf(path, sizeof path, "%s/token", dir) >= (int)sizeof path) {
        return ERR_RANGE;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    enum err rc = ERR_OK;
    if (fd >= 0) {
        rc = token_read(fd, out);
        (void)close(fd);
    } else {
        rc = errno == ENOENT ? token_make(path, out) : ERR_IO;
    }
    if (rc != ERR_OK) {
        log_line(LOG_ERROR, "token_unusable", "file=\"%s\" reason=\"%s\"", path, err_text(rc));
    }
    return rc;
}
