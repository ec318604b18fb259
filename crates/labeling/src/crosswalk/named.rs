//! The crosswalks that come with this crate. Their middle is ESA WorldCover: every legend has a table to it, and two
//! legends without a table of their own meet there.
//!
//! WorldCover and not Dynamic World, because it has classes that Dynamic World lacks (mangroves, moss and lichen), because
//! each of its classes has a written rule of cover (woody crops go by their plants, quarries are bare), and because it
//! leaves code 0 free for "no data", which is water in Dynamic World.

use super::Crosswalk;
use crate::legend::legend;
use crate::{Error, Result};

/// Where legends without a table of their own meet.
const MIDDLE: &str = "worldcover";

/// A table that comes with this crate.
#[derive(Debug, Clone, Copy)]
pub struct NamedCrosswalk {
    /// Name of the source legend.
    pub from: &'static str,
    /// Name of the target legend.
    pub to: &'static str,
    csv: &'static str,
}

/// The tables that come with this crate. They are judgements of its authors by the written definitions of the classes,
/// not published correspondences; the notes say where a class was forced.
pub const CROSSWALKS: &[NamedCrosswalk] = &[
    to_middle("corine", include_str!("../../crosswalks/corine_worldcover.csv")),
    to_middle("mapbiomas-brazil", include_str!("../../crosswalks/mapbiomas-brazil_worldcover.csv")),
    to_middle("mapbiomas-brazil-c4", include_str!("../../crosswalks/mapbiomas-brazil-c4_worldcover.csv")),
    to_middle("dynamic-world", include_str!("../../crosswalks/dynamic-world_worldcover.csv")),
    to_middle("esri", include_str!("../../crosswalks/esri_worldcover.csv")),
    to_middle("esa-cci", include_str!("../../crosswalks/esa-cci_worldcover.csv")),
    to_middle("nlcd", include_str!("../../crosswalks/nlcd_worldcover.csv")),
    to_middle("cgls-lc100", include_str!("../../crosswalks/cgls-lc100_worldcover.csv")),
    to_middle("modis-igbp", include_str!("../../crosswalks/modis-igbp_worldcover.csv")),
    to_middle("worldcereal", include_str!("../../crosswalks/worldcereal_worldcover.csv")),
    from_middle("dynamic-world", include_str!("../../crosswalks/worldcover_dynamic-world.csv")),
    from_middle("esri", include_str!("../../crosswalks/worldcover_esri.csv")),
];

const fn to_middle(from: &'static str, csv: &'static str) -> NamedCrosswalk {
    NamedCrosswalk { from, to: MIDDLE, csv }
}

const fn from_middle(to: &'static str, csv: &'static str) -> NamedCrosswalk {
    NamedCrosswalk { from: MIDDLE, to, csv }
}

impl NamedCrosswalk {
    /// The crosswalk itself.
    ///
    /// # Errors
    /// When the table that was built in is none between its legends.
    pub fn crosswalk(&self) -> Result<Crosswalk> {
        Crosswalk::from_csv(self.csv.as_bytes(), &legend(self.from)?, &legend(self.to)?)
    }
}

impl Crosswalk {
    /// Between two legends of [`LEGENDS`](crate::LEGENDS): by the table of [`CROSSWALKS`], or by way of WorldCover, or
    /// from a legend to itself.
    ///
    /// # Errors
    /// When there is no such legend, or no such way; says where one can go from there.
    pub fn named(from: &str, to: &str) -> Result<Self> {
        let (source, _) = (legend(from)?, legend(to)?);
        if from == to {
            return Ok(Self::identity(&source));
        }
        let table =
            |from: &str, to: &str| CROSSWALKS.iter().find(|table| table.from == from && table.to == to);
        if let Some(table) = table(from, to) {
            return table.crosswalk();
        }
        match (table(from, MIDDLE), table(MIDDLE, to)) {
            (Some(first), Some(second)) => first.crosswalk()?.then(&second.crosswalk()?),
            _ => Err(Error::NoCrosswalk {
                from: from.to_owned(),
                to: to.to_owned(),
                known: targets().join(", "),
            }),
        }
    }
}

/// The legends that every other has a way to.
fn targets() -> Vec<&'static str> {
    let coarser = CROSSWALKS.iter().filter(|table| table.from == MIDDLE).map(|table| table.to);
    std::iter::once(MIDDLE).chain(coarser).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LEGENDS;
    use ecotone_core::ClassCode;

    #[test]
    fn each_table_is_total_and_reads_as_it_is_written() {
        for table in CROSSWALKS {
            let crosswalk =
                table.crosswalk().unwrap_or_else(|error| panic!("{} to {}: {error}", table.from, table.to));
            assert_eq!(crosswalk.mappings().len(), crosswalk.from().len());
            let again = crosswalk.to_csv();
            assert_eq!(
                Crosswalk::from_csv(again.as_bytes(), crosswalk.from(), crosswalk.to()).unwrap(),
                crosswalk
            );
        }
    }

    #[test]
    fn every_legend_has_a_way_to_the_middle_and_to_the_coarse_ones() {
        for entry in LEGENDS {
            for to in targets() {
                let crosswalk = Crosswalk::named(entry.name, to).unwrap();
                assert_eq!(crosswalk.from(), &legend(entry.name).unwrap());
                assert_eq!(crosswalk.to(), &legend(to).unwrap());
            }
        }
    }

    /// A class of one legend becomes a class of another.
    #[track_caller]
    fn check(from: &str, code: u8, to: &str, expected: Option<u8>) {
        let crosswalk = Crosswalk::named(from, to).unwrap();
        assert_eq!(crosswalk.get(ClassCode(code)), Some(expected.map(ClassCode)), "{from} {code} to {to}");
    }

    #[test]
    fn classes_go_by_what_covers_the_ground() {
        check("corine", 7, "worldcover", Some(60)); // 131 mineral extraction sites are bare
        check("corine", 17, "worldcover", Some(10)); // 223 olive groves are trees
        check("corine", 33, "worldcover", None); // 334 burnt areas
        check("corine", 44, "dynamic-world", Some(0));
        check("mapbiomas-brazil", 46, "worldcover", Some(20)); // coffee
        check("mapbiomas-brazil", 5, "worldcover", Some(95));
        check("mapbiomas-brazil", 5, "dynamic-world", Some(1)); // mangroves are trees there
        check("mapbiomas-brazil-c4", 19, "worldcover", Some(40)); // annual and perennial crops
        check("mapbiomas-brazil-c4", 33, "dynamic-world", Some(0));
        check("mapbiomas-brazil-c4", 27, "esri", None);
        check("nlcd", 82, "esri", Some(5));
        check("esa-cci", 170, "worldcover", Some(95));
        check("esri", 11, "esri", Some(11));
        check("dynamic-world", 5, "esri", Some(11)); // shrub and scrub is rangeland
    }

    #[test]
    fn where_there_is_no_way_the_error_says_where_there_is_one() {
        let error = Crosswalk::named("worldcover", "nlcd").unwrap_err().to_string();
        let expected = "there is no crosswalk from `worldcover` to `nlcd`, only to worldcover, dynamic-world, esri; \
                        another can be read from CSV";
        assert_eq!(error, expected);
        assert!(Crosswalk::named("nlcd", "clc").is_err());
    }
}
