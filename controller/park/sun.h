/* Where the sun stands and what falls on a tilted plane. Pure functions, used by the
 * PV forecast and by the simulator; owns nothing.
 *
 * Position: declination and equation of time from the Astronomical Almanac's low-precision
 * series (J. Michalsky, Solar Energy 40(3), 1988; error below 0.01 degree until 2050), no
 * refraction. Clear sky: GHI = 1098 cos z exp(-0.059/cos z) (B. Haurwitz, J. Meteorology 2,
 * 1945). Split of GHI: D. Erbs, S. Klein, J. Duffie, Solar Energy 28(4), 1982. Transposition:
 * J. Hay, J. Davies, "Calculation of the solar radiation incident on an inclined surface", 1980
 * (circumsolar and isotropic parts), ground reflection albedo/2 (1 - cos tilt). Glass: W. De
 * Soto et al., Solar Energy 80(1), 2006, with n = 1.526, K = 4 1/m, L = 2 mm. */
#ifndef KILNWATT_PARK_SUN_H
#define KILNWATT_PARK_SUN_H

/* Unit vector from the ground to the sun: east, north, up (= cos of the zenith angle). */
struct sun {
    double east, north, up;
    double extra_w_per_m2; /* extraterrestrial normal irradiance of the day */
};

/* Global horizontal, direct normal and diffuse horizontal irradiance, W/m2, each >= 0. */
struct sun_irradiance {
    double ghi_w_per_m2, dni_w_per_m2, dhi_w_per_m2;
};

/* Unit normal of a panel, same axes. */
struct sun_plane {
    double east, north, up;
};

/* What reaches a plane, W/m2. */
struct sun_poa {
    double total_w_per_m2; /* on the glass */
    double cells_w_per_m2; /* behind the glass */
};

/* Latitude north, longitude east positive; unix_s in UTC seconds since 1970. */
struct sun sun_at(double latitude_deg, double longitude_deg, double unix_s);
/* Degrees above the horizon, [-90, 90]. */
double sun_elevation_deg(const struct sun *s);
/* Degrees clockwise from north, [0, 360). */
double sun_azimuth_deg(const struct sun *s);
/* Clear-sky GHI in W/m2 from the cosine of the zenith angle; 0 below the horizon. */
double sun_haurwitz_w_per_m2(double cos_zenith);
/* Splits a GHI >= 0 into its parts for this sun. */
struct sun_irradiance sun_split(const struct sun *s, double ghi_w_per_m2);
/* Normal of a plane; azimuth clockwise from north, 180 = south; tilt 0 = flat. */
struct sun_plane sun_plane_of(double tilt_deg, double azimuth_deg);
/* Share of the beam that passes the glass, 1 at normal incidence, [0, 1]. */
double sun_glass_pu(double cos_incidence);
/* Irradiance of a plane; albedo_pu in [0, 1]. */
struct sun_poa sun_on_plane(const struct sun *s, const struct sun_irradiance *irr,
                            const struct sun_plane *plane, double albedo_pu);

#endif
