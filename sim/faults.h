/* Faults of the simulated devices' communication, by device: what is wrong with the device's
 * answers now. Pure state; set by the control socket, obeyed by the Modbus server and the
 * register images. Lives in the simulator; owns one row per device in the boot arena. */
#ifndef KILNWATT_SIM_FAULTS_H
#define KILNWATT_SIM_FAULTS_H

#include "controller/park/park.h"

struct fault {
    bool silent;   /* accepts connections and requests, never answers */
    bool drip;     /* answers one byte per 0.4 s */
    bool refuse;   /* connections are refused; all devices behind the same listener suffer */
    bool reset;    /* connections are reset at each request */
    bool freeze;   /* values stay as they were when it was injected; writes still act */
    int late_ms;   /* answers are late by this much process time; 0 = no */
    int exception; /* each request is answered by this exception; 0 = no */
};

struct faults {
    int devices;
    struct fault *of; /* [devices] */
};

must_check enum err faults_init(struct faults *f, struct arena *a, int devices);
/* Sets the fault that `text` names ("silent", "drip", "late:700", "refuse", "reset", "freeze",
 * "exception:4") on a device. ERR_UNKNOWN_KEY, ERR_RANGE (late 1..60000 ms, exception 1..11),
 * ERR_STATE when the device has just this fault already, so that nothing would change. */
must_check enum err faults_set(struct faults *f, int device, const char *text);
/* Clears all faults of a device; returns how many there were. */
int faults_clear(struct faults *f, int device);
/* Texts of all fault names, for help and error messages. */
const char *faults_names(void);

#endif
