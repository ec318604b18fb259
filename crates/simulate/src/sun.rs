//! Where the sun stands when a scene is taken.

/// The sun's direction.
#[derive(Clone, Copy)]
pub(crate) struct Sun {
    /// Degrees clockwise from north.
    pub(crate) azimuth: f64,
    /// Degrees above the horizon.
    pub(crate) elevation: f64,
}

/// The sun at a latitude in degrees north, a day of the year and a local solar hour, from Cooper's declination (Solar Energy 12, 1969) and the
/// spherical triangle.
pub(crate) fn sun_at(latitude: f64, day_of_year: u32, solar_hour: f64) -> Sun {
    let radians = std::f64::consts::PI / 180.0;
    let declination =
        23.45 * radians * libm::sin(2.0 * std::f64::consts::PI * f64::from(284 + day_of_year) / 365.0);
    let hour_angle = (solar_hour - 12.0) * 15.0 * radians;
    let (sin_lat, cos_lat) = (libm::sin(latitude * radians), libm::cos(latitude * radians));
    let (sin_dec, cos_dec) = (libm::sin(declination), libm::cos(declination));
    let sine = sin_lat * sin_dec + cos_lat * cos_dec * libm::cos(hour_angle);
    let east = -cos_dec * libm::sin(hour_angle);
    let north = cos_lat * sin_dec - sin_lat * cos_dec * libm::cos(hour_angle);
    let azimuth = libm::atan2(east, north) / radians;
    Sun {
        azimuth: if azimuth < 0.0 { azimuth + 360.0 } else { azimuth },
        elevation: libm::asin(sine) / radians,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LATITUDE: f64 = 49.6;

    #[test]
    fn solstices_at_noon() {
        let summer = sun_at(LATITUDE, 172, 12.0);
        let winter = sun_at(LATITUDE, 355, 12.0);
        assert!((summer.elevation - (90.0 - LATITUDE + 23.45)).abs() < 0.1);
        assert!((winter.elevation - (90.0 - LATITUDE - 23.45)).abs() < 0.1);
        assert!((summer.azimuth - 180.0).abs() < 1e-6);
    }

    #[test]
    fn the_tropics_have_the_sun_in_the_north_in_june() {
        let june = sun_at(-11.8, 172, 12.0);
        assert!(june.azimuth < 1.0 || june.azimuth > 359.0, "{}", june.azimuth);
        assert!((june.elevation - (90.0 - 11.8 - 23.45)).abs() < 0.1);
    }

    #[test]
    fn mornings_have_the_sun_in_the_south_east() {
        let morning = sun_at(LATITUDE, 100, 11.0);
        assert!((140.0..175.0).contains(&morning.azimuth), "{}", morning.azimuth);
    }
}
