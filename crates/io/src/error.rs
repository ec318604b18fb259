//! What can go wrong between a value and a file.

use crate::{GdalFailure, VectorError};
use ecotone_core::{BoundingBox, Window};
use std::path::PathBuf;

/// The result of reading or writing.
pub type Result<T> = std::result::Result<T, Error>;

/// An act that failed, and on what.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A raster, vector or remote file that cannot be opened.
    #[error("opening {}", path.display())]
    Open {
        /// The file or URL.
        path: PathBuf,
        /// What GDAL said.
        #[source]
        source: GdalFailure,
    },
    /// A raster that lies nowhere.
    #[error("{} has no {missing}: it is no georeferenced raster", path.display())]
    NotGeoreferenced {
        /// The file or URL.
        path: PathBuf,
        /// What it lacks.
        missing: &'static str,
    },
    /// A raster that lies nowhere on a grid that lies somewhere, or the other way round.
    #[error("{} cannot be laid over a grid in {target}: {} no coordinate reference system", path.display(), if *lacking { "it has" } else { "the grid has" })]
    OneWithoutPlace {
        /// The file or URL.
        path: PathBuf,
        /// The system of the grid.
        target: String,
        /// Whether it is the raster that lacks one.
        lacking: bool,
    },
    /// A description that `ecotone-core` refuses.
    #[error("describing {}", path.display())]
    Describe {
        /// The file or URL.
        path: PathBuf,
        /// Why.
        #[source]
        source: ecotone_core::Error,
    },
    /// A band number that the file does not have.
    #[error("{} has no band {band} (it has 1 to {bands})", path.display())]
    NoBand {
        /// The file or URL.
        path: PathBuf,
        /// The number asked for, from 1.
        band: usize,
        /// How many it has.
        bands: usize,
    },
    /// Pixels that cannot be read.
    #[error("reading band {band} of {}, {window}", path.display())]
    Read {
        /// The file or URL.
        path: PathBuf,
        /// Band number, from 1.
        band: usize,
        /// The part asked for, in pixels of the file.
        window: Window,
        /// What GDAL said.
        #[source]
        source: GdalFailure,
    },
    /// A raster that cannot be warped onto a grid.
    #[error("warping band {band} of {} to {crs}", path.display())]
    Warp {
        /// The file or URL.
        path: PathBuf,
        /// Band number, from 1.
        band: usize,
        /// CRS of the target.
        crs: String,
        /// What GDAL said.
        #[source]
        source: GdalFailure,
    },
    /// A value that does not fit the type asked for.
    #[error("band {band} of {} is {from} and holds {value}, which {to} cannot hold", path.display())]
    Conversion {
        /// The file or URL.
        path: PathBuf,
        /// Band number, from 1.
        band: usize,
        /// Type in the file.
        from: crate::PixelType,
        /// Type asked for.
        to: crate::PixelType,
        /// The value.
        value: f64,
    },
    /// Pixels of a type that no value in memory stands for.
    #[error("band {band} of {} is {found}, expected whole or real numbers", path.display())]
    PixelType {
        /// The file or URL.
        path: PathBuf,
        /// Band number, from 1.
        band: usize,
        /// Type in the file.
        found: crate::PixelType,
    },
    /// A file whose own mask hides pixels, for which the type asked for has no value.
    #[error(
        "band {band} of {} hides pixels by a mask and declares no nodata, so that {to} has no value for them: read it as \
         real numbers or as codes, or give it a nodata",
        path.display()
    )]
    Masked {
        /// The file or URL.
        path: PathBuf,
        /// Band number, from 1.
        band: usize,
        /// Type asked for.
        to: crate::PixelType,
    },
    /// A value of a raster of codes that can be no code.
    #[error("{} holds {value}, expected whole codes from 0 to {largest}", path.display())]
    CodeValue {
        /// The file or URL.
        path: PathBuf,
        /// The value.
        value: f64,
        /// The largest code.
        largest: u32,
    },
    /// A coordinate reference system that PROJ does not understand.
    #[error("understanding the coordinate reference system {crs}")]
    Crs {
        /// EPSG code or WKT.
        crs: String,
        /// What GDAL said.
        #[source]
        source: GdalFailure,
    },
    /// Coordinates that cannot be transformed.
    #[error("transforming coordinates from {from} to {to}")]
    Transform {
        /// From.
        from: String,
        /// To.
        to: String,
        /// What GDAL said.
        #[source]
        source: GdalFailure,
    },
    /// An act of the file system.
    #[error("{act} {}", path.display())]
    Io {
        /// What was being done: "creating", "writing", "renaming to" and so on.
        act: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        #[source]
        source: std::io::Error,
    },
    /// A sentinel that the pixels cannot hold.
    #[error("writing {}: nodata {nodata} is no {pixel_type}", path.display())]
    Nodata {
        /// The final name of the file.
        path: PathBuf,
        /// The sentinel.
        nodata: f64,
        /// The type of the pixels.
        pixel_type: crate::PixelType,
    },
    /// A raster that cannot be written.
    #[error("writing {}", path.display())]
    Write {
        /// The final name of the file.
        path: PathBuf,
        /// What GDAL said.
        #[source]
        source: GdalFailure,
    },
    /// A window and its values do not belong together.
    #[error("writing {window} of {}: expected {expected} values inside the raster, found {found}", path.display())]
    WriteWindow {
        /// The final name of the file.
        path: PathBuf,
        /// The window.
        window: Window,
        /// How many values it needs; 0 where it is not inside the raster.
        expected: usize,
        /// How many came.
        found: usize,
    },
    /// A raster that, read again, is not what was written.
    #[error("{} was written, but read again its {what} differs; it was not kept", path.display())]
    Verify {
        /// The final name of the file.
        path: PathBuf,
        /// What differs.
        what: String,
    },
    /// A file that is no table.
    #[error("reading the table {}", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: ecotone_core::TableError,
    },
    /// A table of one's own that cannot be read or written.
    #[error("{act} table {}", path.display())]
    Csv {
        /// What was being done.
        act: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: csv::Error,
    },
    /// A table without the columns it needs.
    #[error("{} has columns `{found}`, expected {expected}", path.display())]
    Columns {
        /// The file.
        path: PathBuf,
        /// Its header.
        found: String,
        /// What it should have.
        expected: &'static str,
    },
    /// A cell that is not what its column holds.
    #[error("{}, line {line}: expected {expected} in column `{column}`, found `{found}`", path.display())]
    Cell {
        /// The file.
        path: PathBuf,
        /// Line number, from 1.
        line: u64,
        /// The column.
        column: String,
        /// What it should be.
        expected: &'static str,
        /// What it is.
        found: String,
    },
    /// Coordinates of a projection that are degrees.
    #[error(
        "{}: the columns `x,y` are read in {crs}, but all lie around {x},{y}, which are degrees: name them `lon,lat`",
        path.display()
    )]
    DegreesAsMetres {
        /// The file.
        path: PathBuf,
        /// The projection.
        crs: String,
        /// The first x.
        x: f64,
        /// The first y.
        y: f64,
    },
    /// A vector file that cannot be used or written.
    #[error(transparent)]
    Features(#[from] VectorError),
    /// A vector file that cannot be read.
    #[error("reading features of {}", path.display())]
    Vector {
        /// The file.
        path: PathBuf,
        /// What GDAL said.
        #[source]
        source: GdalFailure,
    },

    // Catalogues, products and the network.
    /// A catalogue's file that cannot be read.
    #[error("reading the catalogue {location}")]
    CatalogRead {
        /// The file.
        location: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A catalogue's document that is no JSON.
    #[error("reading {location} as JSON")]
    CatalogJson {
        /// The file or URL.
        location: String,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Something that is no catalogue.
    #[error(
        "{location} is no catalogue: expected a STAC catalogue, collection, item, item collection or API, or Sentinel-2 SAFE products; found {found}"
    )]
    NotACatalog {
        /// The file, folder or URL.
        location: String,
        /// What is there.
        found: String,
    },
    /// A catalogue without any scene.
    #[error("the catalogue {location} has no scene")]
    EmptyCatalog {
        /// The file, folder or URL.
        location: String,
    },
    /// A STAC item that lacks a field or has nonsense in it.
    #[error("the STAC item at {location} has no usable `{field}`: found {found}")]
    ItemField {
        /// The document.
        location: String,
        /// The field.
        field: String,
        /// What stands there.
        found: String,
    },
    /// A band that the scene does not have.
    #[error("scene {scene} has no band `{band}` (it has {known})")]
    MissingBand {
        /// The band asked for.
        band: String,
        /// Identifier of the scene.
        scene: String,
        /// Its bands, comma-separated.
        known: String,
    },
    /// A credential that cannot be used.
    #[error("the credential for `{host}` cannot be used: expected {expected}")]
    Credential {
        /// Whom it is for.
        host: String,
        /// What it, or its host, has to be.
        expected: &'static str,
    },
    /// A server that cannot be reached.
    #[error("asking {url} (tried {tries} times)")]
    Http {
        /// The URL.
        url: String,
        /// How often it was tried.
        tries: u32,
        /// Why it failed the last time.
        #[source]
        source: Box<ureq::Error>,
    },
    /// A server that refuses.
    #[error("{url} answered with status {status} (tried {tries} times): {body}")]
    HttpStatus {
        /// The URL.
        url: String,
        /// HTTP status.
        status: u16,
        /// How often it was tried.
        tries: u32,
        /// The start of what it said.
        body: String,
    },
    /// An answer that is JSON but no page of search results.
    #[error("{url} answered with {found}, expected a page of STAC items")]
    NotAPage {
        /// The URL.
        url: String,
        /// What came.
        found: String,
    },
    /// A search that gave fewer items than it said that there are.
    #[error(
        "{url} says that {matched} items match and gave {given}: the others are missing from what is made of them"
    )]
    SearchShort {
        /// The URL or file of the search.
        url: String,
        /// How many items it said that there are.
        matched: u64,
        /// How many different ones it gave.
        given: u64,
    },
    /// A page of a search whose next page is asked for with the body of the request for the first, which is not known.
    #[error(
        "a page of {location} links to the next one (POST, merged) without saying what was searched: save all pages, or \
         give the search's address"
    )]
    NextUnknown {
        /// The file or URL of the search.
        location: String,
    },
    /// A grid that covers no place on Earth.
    #[error("a grid in {crs} has no outline in longitude and latitude")]
    EmptyFootprint {
        /// The grid's CRS.
        crs: String,
    },
    /// A file of a scene that lies elsewhere than the scene's record says.
    #[error(
        "{} lies at {} degrees, but the scene's record says {}: a wrong CRS or transform, or another scene's file",
        path.display(), degrees(found), degrees(record)
    )]
    Elsewhere {
        /// The file.
        path: PathBuf,
        /// Where it lies, in degrees.
        found: Box<BoundingBox>,
        /// Where the record says.
        record: Box<BoundingBox>,
    },
    /// A SAFE product without one of its files.
    #[error("the SAFE product {} has no {missing}", product.display())]
    SafeFile {
        /// The product's folder.
        product: PathBuf,
        /// The file.
        missing: String,
    },
    /// A table that is no legend.
    #[error("understanding {}", path.display())]
    Legend {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ecotone_core::Error,
    },
    /// A style of QGIS without classes.
    #[error(
        "{} has no classes: expected the style of a raster with a palette, or of a layer with categories",
        path.display()
    )]
    StyleClasses {
        /// The file.
        path: PathBuf,
    },
    /// A class of a style that is no code.
    #[error(
        "{}: `{value}` ({label}) is no class code; expected values from 0 to 255, or a legend as a table `code,name,color`",
        path.display()
    )]
    StyleValue {
        /// The file.
        path: PathBuf,
        /// The value.
        value: String,
        /// What the style calls it.
        label: String,
    },
    /// A colour of a style that is none.
    #[error("{}: class {value} has the color `{found}`, expected #rrggbb or red,green,blue", path.display())]
    StyleColor {
        /// The file.
        path: PathBuf,
        /// The class.
        value: String,
        /// Its colour.
        found: String,
    },
    /// A document that is no XML, or only half of it.
    #[error("reading {} as XML", path.display())]
    Xml {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<quick_xml::Error>,
    },
    /// A product's metadata without an element that it needs.
    #[error("{} has no usable <{element}>: found {found}", path.display())]
    XmlElement {
        /// The file.
        path: PathBuf,
        /// The element.
        element: String,
        /// What stands there.
        found: String,
    },
}

/// West, south, east and north.
fn degrees(bounds: &BoundingBox) -> String {
    format!("{:.3},{:.3},{:.3},{:.3}", bounds.min.x, bounds.min.y, bounds.max.x, bounds.max.y)
}
