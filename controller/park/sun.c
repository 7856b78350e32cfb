/* The sun: see sun.h. Pure. */
#include "controller/park/sun.h"
#include <math.h>

#define RAD (M_PI / 180)

static const double day_s = 86400;
static const double j2000_unix_s = 946728000; /* 2000-01-01 12:00 */

struct sun sun_at(double latitude_deg, double longitude_deg, double unix_s)
{
    double n = (unix_s - j2000_unix_s) / day_s;
    double mean_deg = fmod(280.460 + 0.9856474 * n, 360);
    double anomaly = fmod(357.528 + 0.9856003 * n, 360) * RAD;
    double ecliptic = (mean_deg + 1.915 * sin(anomaly) + 0.020 * sin(2 * anomaly)) * RAD;
    double obliquity = (23.439 - 4e-7 * n) * RAD;
    double sin_decl = sin(obliquity) * sin(ecliptic);
    double cos_decl = sqrt(1 - sin_decl * sin_decl);
    double ascension_deg = atan2(cos(obliquity) * sin(ecliptic), cos(ecliptic)) / RAD;
    /* Equation of time in degrees; hour angle from UTC, longitude and that. */
    double equation_deg = remainder(mean_deg - ascension_deg, 360);
    double utc_deg = fmod(unix_s, day_s) / day_s * 360 - 180;
    double hour = (utc_deg + longitude_deg + equation_deg) * RAD;
    double sin_lat = sin(latitude_deg * RAD), cos_lat = cos(latitude_deg * RAD);
    double r_au = 1.00014 - 0.01671 * cos(anomaly) - 0.00014 * cos(2 * anomaly);
    return (struct sun){
        .east = -cos_decl * sin(hour),
        .north = cos_lat * sin_decl - sin_lat * cos_decl * cos(hour),
        .up = sin_lat * sin_decl + cos_lat * cos_decl * cos(hour),
        .extra_w_per_m2 = 1367 / (r_au * r_au),
    };
}

double sun_elevation_deg(const struct sun *s)
{
    return asin(fmax(-1, fmin(1, s->up))) / RAD;
}

double sun_azimuth_deg(const struct sun *s)
{
    double deg = atan2(s->east, s->north) / RAD;
    return deg < 0 ? deg + 360 : deg;
}

double sun_haurwitz_w_per_m2(double cos_zenith)
{
    return cos_zenith > 0 ? 1098 * cos_zenith * exp(-0.059 / cos_zenith) : 0;
}

struct sun_irradiance sun_split(const struct sun *s, double ghi_w_per_m2)
{
    struct sun_irradiance irr = {.ghi_w_per_m2 = ghi_w_per_m2, .dhi_w_per_m2 = ghi_w_per_m2};
    /* Below 3 degrees the quotient is noise; everything counts as diffuse. */
    if (s->up < 0.0523 || ghi_w_per_m2 <= 0) {
        return irr;
    }
    double kt = fmin(1, ghi_w_per_m2 / (s->extra_w_per_m2 * s->up));
    double diffuse_pu = 0.165;
    if (kt <= 0.22) {
        diffuse_pu = 1 - 0.09 * kt;
    } else if (kt <= 0.8) {
        diffuse_pu = 0.9511 + kt * (-0.1604 + kt * (4.388 + kt * (-16.638 + kt * 12.336)));
    }
    irr.dhi_w_per_m2 = diffuse_pu * ghi_w_per_m2;
    irr.dni_w_per_m2 = (ghi_w_per_m2 - irr.dhi_w_per_m2) / s->up;
    return irr;
}

struct sun_plane sun_plane_of(double tilt_deg, double azimuth_deg)
{
    double flat = sin(tilt_deg * RAD);
    return (struct sun_plane){
        .east = flat * sin(azimuth_deg * RAD),
        .north = flat * cos(azimuth_deg * RAD),
        .up = cos(tilt_deg * RAD),
    };
}

double sun_glass_pu(double cos_incidence)
{
    const double n = 1.526, kl = 4 * 0.002;
    if (cos_incidence <= 0) {
        return 0;
    }
    double ci = fmin(1, cos_incidence);
    double cr = sqrt(1 - (1 - ci * ci) / (n * n));
    double rs = (ci - n * cr) / (ci + n * cr);
    double rp = (n * ci - cr) / (n * ci + cr);
    double through = exp(-kl / cr) * (1 - 0.5 * (rs * rs + rp * rp));
    double r0 = (1 - n) / (1 + n);
    double straight = exp(-kl) * (1 - r0 * r0);
    return through / straight;
}

struct sun_poa sun_on_plane(const struct sun *s, const struct sun_irradiance *irr,
                            const struct sun_plane *plane, double albedo_pu)
{
    double cos_inc =
        fmax(0, s->east * plane->east + s->north * plane->north + s->up * plane->up);
    double cos_zen = fmax(s->up, 0.01745);
    double anisotropy = s->up > 0 ? fmin(1, irr->dni_w_per_m2 / s->extra_w_per_m2) : 0;
    double beam = s->up > 0 ? irr->dni_w_per_m2 * cos_inc : 0;
    double around = irr->dhi_w_per_m2 * anisotropy * cos_inc / cos_zen;
    double sky = irr->dhi_w_per_m2 * (1 - anisotropy) * (1 + plane->up) / 2;
    double ground = irr->ghi_w_per_m2 * albedo_pu * (1 - plane->up) / 2;
    double straight = beam + around;
    return (struct sun_poa){
        .total_w_per_m2 = straight + sky + ground,
        .cells_w_per_m2 = straight * sun_glass_pu(cos_inc) + sky + ground,
    };
}
