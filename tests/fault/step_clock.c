/* Preloaded into the controller by test_system.py: the machine's wall clock, moved by the
 * milliseconds that stand in the file $STEP_CLOCK (eight bytes, as the machine orders them).
 * All other clocks are left alone, as when NTP or a person sets the time. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t id, struct timespec *ts);

/* Where the step stands; NULL if the file cannot be read. */
static const volatile int64_t *step_ms(void)
{
    static const volatile int64_t *at;
    const char *path = getenv("STEP_CLOCK");
    if (at || !path) {
        return at;
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *at, PROT_READ, MAP_SHARED, fd, 0);
    at = map == MAP_FAILED ? NULL : map;
    (void)(fd >= 0 && close(fd));
    return at;
}

int clock_gettime(clockid_t id, struct timespec *ts)
{
    if (syscall(SYS_clock_gettime, id, ts) != 0) {
        return -1;
    }
    int kept = errno;
    const volatile int64_t *ms = id == CLOCK_REALTIME ? step_ms() : NULL;
    errno = kept;
    if (ms) {
        int64_t ns = ts->tv_nsec + *ms % 1000 * 1000000;
        int64_t carry = ns < 0 ? -1 : ns >= 1000000000 ? 1 : 0;
        ts->tv_sec += *ms / 1000 + carry;
        ts->tv_nsec = ns - carry * 1000000000;
    }
    return 0;
}
