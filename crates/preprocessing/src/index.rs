//! Spectral indices: the built-in ones, and those written in the same band algebra.

use crate::algebra::Node;
use crate::error::check_length;
use crate::{Error, Result};

/// The built-in indices, over STAC common names, and the range that reflectance of 0 to 1 gives them.
const BUILT_IN: &[(&str, &str, Option<[f32; 2]>)] = &[
    // Rouse et al. 1974.
    ("NDVI", "(nir - red) / (nir + red)", Some([-1.0, 1.0])),
    // Garcia and Caselles 1991.
    ("NBR", "(nir - swir22) / (nir + swir22)", Some([-1.0, 1.0])),
    // Gao 1996, as the Normalized Difference Moisture Index.
    ("NDMI", "(nir - swir16) / (nir + swir16)", Some([-1.0, 1.0])),
    // Huete et al. 2002; without a natural bound, cut where clouds drive its divisor through zero.
    ("EVI", "2.5 * (nir - red) / (nir + 6 * red - 7.5 * blue + 1)", Some([-2.0, 2.0])),
    // McFeeters 1996.
    ("NDWI", "(green - nir) / (green + nir)", Some([-1.0, 1.0])),
    // Hall, Riggs and Salomonson 1995.
    ("NDSI", "(green - swir16) / (green + swir16)", Some([-1.0, 1.0])),
    // Rikimaru, Roy and Miyatake 2002.
    ("BSI", "((swir16 + red) - (nir + blue)) / ((swir16 + red) + (nir + blue))", Some([-1.0, 1.0])),
    // Dutrieux et al. 2021: SWIR 1 over the line from the narrow NIR to SWIR 2, wavelengths in nm. Forest lies near 1.
    ("CRSWIR", "swir16 / (nir08 + (swir22 - nir08) / (2185.7 - 864) * (1610.4 - 864))", Some([0.0, 5.0])),
];

/// What a band may be called in the input, best first. A 20 m product has no broad near infrared: the narrow one stands
/// in for it.
const ALIASES: &[(&str, &[&str])] = &[
    ("coastal", &["B01"]),
    ("blue", &["B02"]),
    ("green", &["B03"]),
    ("red", &["B04"]),
    ("rededge071", &["B05"]),
    ("rededge075", &["B06"]),
    ("rededge078", &["B07"]),
    ("nir", &["B08", "nir08", "B8A"]),
    ("nir08", &["B8A"]),
    ("swir16", &["B11"]),
    ("swir22", &["B12"]),
];

/// A spectral index: a name and an expression over bands.
///
/// Built-in ones name bands by their STAC common names, which [`bind`](Self::bind) resolves to Sentinel-2's names
/// where the input uses those. Bands are reflectance; for bands scaled otherwise, indices other than ratios change.
///
/// Values are always finite: a quotient whose divisor is closer to zero than 1e-6 is 0, and built-in indices are cut to
/// their range.
///
/// ```
/// use ecotone_preprocessing::Index;
///
/// let bands = ["B04", "B8A", "B12"];
/// let nbr = Index::named("nbr")?.bind(&bands)?;
/// assert_eq!(nbr.to_string(), "NBR = (B8A - B12) / (B8A + B12)");
///
/// let own = Index::parse("RATIO = B8A / B04")?.bind(&bands)?;
/// let layers: [&[f32]; 3] = [&[0.05, 0.0], &[0.40, 0.3], &[0.1, 0.1]];
/// let mut out = [0.0; 2];
/// own.evaluate(&layers, &mut out)?;
/// assert_eq!(out, [8.0, 0.0]);
/// # Ok::<(), ecotone_preprocessing::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    name: String,
    expression: Node,
    range: Option<[f32; 2]>,
}

impl Index {
    /// A built-in index by its name, in upper or lower case: NDVI, NBR, NDMI, EVI, NDWI, NDSI, BSI or CRSWIR.
    ///
    /// # Errors
    /// When there is none of that name; the message lists them.
    pub fn named(name: &str) -> Result<Self> {
        let Some((name, text, range)) =
            BUILT_IN.iter().find(|entry| entry.0.eq_ignore_ascii_case(name.trim()))
        else {
            let known = Self::built_in().collect::<Vec<_>>().join(", ");
            return Err(Error::UnknownIndex { name: name.to_owned(), known });
        };
        Ok(Self { name: (*name).to_owned(), expression: Node::parse(text, 0)?, range: *range })
    }

    /// Names of the built-in indices.
    pub fn built_in() -> impl Iterator<Item = &'static str> {
        BUILT_IN.iter().map(|entry| entry.0)
    }

    /// An index from text: the name of a built-in one, or `name = expression` with bands, numbers, `+ - * /` and
    /// parentheses.
    ///
    /// # Errors
    /// When the name is unknown or the expression cannot be understood; the message says where.
    pub fn parse(text: &str) -> Result<Self> {
        let Some(equals) = text.find('=') else { return Self::named(text) };
        let name = text[..equals].trim();
        if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            let expected = "a name of letters and digits before `=`";
            return Err(Error::Expression { text: text.to_owned(), position: 1, expected });
        }
        Ok(Self { name: name.to_owned(), expression: Node::parse(text, equals + 1)?, range: None })
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The bands it needs, each once, in the order of the expression.
    pub fn bands(&self) -> Vec<&str> {
        let mut bands = Vec::new();
        self.expression.for_each_band(&mut |band| {
            if !bands.contains(&band) {
                bands.push(band);
            }
        });
        bands
    }

    /// The index over the bands of an input. A band is found by its exact name, else by another name for it.
    ///
    /// # Errors
    /// When a band is missing; the message lists those of the input.
    pub fn bind<S: AsRef<str>>(&self, input: &[S]) -> Result<BoundIndex> {
        let input: Vec<&str> = input.iter().map(AsRef::as_ref).collect();
        let expression = self.expression.renamed(&mut |band| {
            let found = resolve(band, &input).ok_or_else(|| Error::UnknownBand {
                index: self.name.clone(),
                band: band.to_owned(),
                known: input.join(", "),
            });
            found.map(ToOwned::to_owned)
        })?;
        let input = input.into_iter().map(ToOwned::to_owned).collect();
        Ok(BoundIndex { index: Self { expression, ..self.clone() }, input })
    }
}

impl std::fmt::Display for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} = {}", self.name, self.expression)
    }
}

fn resolve<'a>(band: &str, input: &[&'a str]) -> Option<&'a str> {
    let exact = |name: &str| input.iter().copied().find(|known| *known == name);
    let other_names = || {
        let (_, names) = ALIASES.iter().find(|(common, _)| *common == band)?;
        names.iter().find_map(|name| exact(name))
    };
    exact(band).or_else(other_names)
}

/// An [`Index`] whose bands are those of a certain input.
#[derive(Debug, Clone, PartialEq)]
pub struct BoundIndex {
    index: Index,
    input: Vec<String>,
}

impl BoundIndex {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.index.name
    }

    /// The bands of the input that it needs, each once.
    pub fn bands(&self) -> Vec<&str> {
        self.index.bands()
    }

    /// Evaluates it pixel by pixel. `layers` are the input's bands in its order, each as long as `out`.
    ///
    /// # Errors
    /// When there are more or fewer layers than the input has bands, or one has another length.
    pub fn evaluate(&self, layers: &[&[f32]], out: &mut [f32]) -> Result<()> {
        check_length("layers of an index", self.input.len(), layers.len())?;
        for layer in layers {
            check_length("layer of an index", out.len(), layer.len())?;
        }
        let layer = |name: &str| {
            self.input.iter().position(|band| band == name).map_or(&[] as &[f32], |place| layers[place])
        };
        self.index.expression.evaluate(&layer, out);
        if let Some([low, high]) = self.index.range {
            for value in out {
                *value = value.clamp(low, high);
            }
        }
        Ok(())
    }
}

impl std::fmt::Display for BoundIndex {
    /// The name and the expression over the input's own band names.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.index.fmt(f)
    }
}

#[cfg(test)]
mod tests;
