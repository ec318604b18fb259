//! What every key of a recipe means.

use super::load::{Recipe, defaults_with};
use super::values::look_up;
use crate::Result;

/// Each key with its meaning, in the order of a recipe.
const MEANINGS: &[(&str, &str)] = &[
    ("name", "a short name; the run's folder is runs/NAME unless --out says otherwise"),
    ("title", "what the job maps, for the report"),
    (
        "inputs.catalog",
        "STAC catalogues, collections, item collections, addresses of APIs, their collections or searches, or folders of SAFE products; empty: the sample of [inputs.simulate]",
    ),
    ("inputs.collections", "only these collections; empty: all"),
    (
        "inputs.bands",
        "bands by name (B04), common name (red) or, in a picture of several, asset and band (visual:red), in the network's order; a name must mean one band on all sensors of a job, as common names do (nir08, swir16); empty: radar alone",
    ),
    (
        "inputs.indices",
        "NDVI, NBR, NDMI, EVI, NDWI, NDSI, BSI, CRSWIR or your own, such as \"GNDVI = (B8A - B03) / (B8A + B03)\"",
    ),
    (
        "inputs.dem",
        "heights in metres (a raster, or a STAC collection of tiles); adds the channel illumination, the cosine of the sun's incidence, from each scene's sun angles; ground without a height counts as flat; {catalog} is the first catalogue's folder",
    ),
    (
        "inputs.dates",
        "only scenes of these days, as FIRST/LAST such as 2021-03-01/2021-10-31; several make a list; empty: all. A prediction with --start moves them along",
    ),
    ("inputs.max_cloud_cover", "scenes with more clouds than this are left out, in percent"),
    (
        "inputs.offset",
        "auto: provider's value, processing baseline and pixels, those of scenes of one kind together, must agree; provider: believe the metadata; pixels: each scene as its own pixels show; a number: what is added to each DN; none: 0",
    ),
    (
        "inputs.scale",
        "reflectance of one DN; auto: that of the metadata, else of the file, else 0.0001, 1 for floating-point reflectance, 1/255 for pictures",
    ),
    ("inputs.simulate.preset", "the simulated landscape: forest, amazon, roads or multiyear"),
    ("inputs.simulate.size", "its side in pixels: of 20 m for forest, else of 10 m"),
    ("inputs.simulate.seed", "its seed"),
    ("inputs.simulate.years", "years of scenes; 1 for amazon and roads, 2 to 5 for multiyear"),
    (
        "inputs.simulate.folder",
        "where samples are kept for the next run, relative to where the command is typed",
    ),
    (
        "inputs.mask.kind",
        "none, auto (that of each scene's provider, see `ecotone providers`), scl (values: classes to drop), fmask (of HLS; values: bits to drop), bits (of any other layer, such as QA_PIXEL; values: bits to drop), anybit (any bit set is not clear), plain (values: the clear ones)",
    ),
    ("inputs.mask.asset", "the asset that holds the mask"),
    ("inputs.mask.values", "see kind"),
    ("inputs.mask.dilate", "pixels that the masked area grows by"),
    (
        "inputs.sar.bands",
        "bands of radar scenes of the same catalogues, such as VV and VH: they become decibels, follow the optical channels, and need no mask; empty: none",
    ),
    ("inputs.sar.collections", "the collections that hold them, such as sentinel-1-rtc"),
    ("inputs.sar.indices", "such as \"CR = VH - VV\", over decibels"),
    (
        "inputs.sar.units",
        "of the stored values: power (linear), decibel, or auto: power is never below 0, decibels of land nearly always",
    ),
    (
        "inputs.sar.rule",
        "median of the scenes of a step, which calms speckle; mean: of their power, which calms it most; best: the first of them",
    ),
    (
        "grid.crs",
        "CRS of the map, such as EPSG:3035; auto: that of the labels (in degrees only where the resolution is below 1), else of the first scene",
    ),
    (
        "grid.resolution",
        "side of a pixel of the map in units of its CRS: metres, but a part of a degree in EPSG:4326; the metres of EPSG:3857 are shorter on the ground, 20 of them 13 m at 50 degrees north",
    ),
    (
        "grid.aoi",
        "area of interest: a vector file (FILE, or FILE#LAYER where several layers hold features) or west,south,east,north in degrees; several make a list (with --set, between semicolons). Each polygon of a file is an area of its own, and of it the pixels whose centres lie inside count. Ground between areas is neither read nor learnt from nor mapped; empty: the labels' extent, for polygons where there are scenes",
    ),
    ("timeline.start", "first day of the series, YYYY-MM-DD; empty: the day of the first scene"),
    (
        "timeline.step",
        "days: each step is timeline.step_days long; month: each is a calendar month, the first that of timeline.start",
    ),
    ("timeline.step_days", "days a step"),
    ("timeline.steps", "number of steps"),
    (
        "timeline.rule",
        "best: the clear pixel of the least cloudy scene of a step; median or mean: of all clear pixels",
    ),
    ("timeline.fill", "zero, linear or harmonic where nothing was seen"),
    (
        "timeline.years",
        "years that have a series each, begun on the month and day of timeline.start: one network learns from all of them and maps each, the first into map.tif, the others into folders named as the year; empty: one series",
    ),
    (
        "timeline.pair_days",
        "only scenes that have a partner in every other of the years, at most so many days apart in the season, are used, the same number a year; 0: all",
    ),
    (
        "labels.raster",
        "class codes as a raster; {catalog} is the first catalogue's folder, {year} the year in which a series begins",
    ),
    (
        "labels.vector",
        "or polygons (GeoJSON, GPKG, Shapefile), FILE or FILE#LAYER where several layers hold features; wins over the raster",
    ),
    ("labels.attribute", "the attribute of the polygons that holds the code"),
    ("labels.legend", "CSV with the columns code,name,color"),
    ("labels.ignore", "codes that are no class and are neither trained nor scored"),
    (
        "labels.cleaning",
        "none; stable: of each class and year the dominant cluster of spectral indices grows a random forest, and only pixels whose label all these forests confirm, year by year, train; a pixel that a forest was taught is asked of its other trees. Validation and test blocks take no part and keep their labels",
    ),
    (
        "labels.samples",
        "samples of a year that clusters are looked for in, with the labels' shares of classes",
    ),
    ("labels.clusters", "clusters a class; 0: as many as the silhouette tells"),
    (
        "split.block_m",
        "side of a block in metres on the ground; blocks are drawn as wholes, and a field that crosses their borders (split.group) goes where most of it lies",
    ),
    (
        "split.gap_m",
        "metres left out between pixels of different parts, test keeping all of its own; auto: two pixels of the map",
    ),
    (
        "split.group",
        "what is never in two parts where a block could hold it: components (pixels of one label that touch by their sides), attribute:NAME (polygons of labels.vector with the same value there) or none; it goes where most of it lies, and what is larger is cut at the borders of blocks, and a larger group of an attribute is parted into what touches",
    ),
    ("split.train", "share of blocks that train"),
    (
        "split.validation",
        "share of blocks that choose the best epoch, and that temperature and biases are fitted to (train.calibrate)",
    ),
    ("split.test", "share of blocks that the accuracy is reported on"),
    (
        "split.folds",
        "0, or the number of folds of a cross-validation by blocks: one tests, the next one validates, the others train, and the shares above do not hold",
    ),
    ("split.fold", "the fold that tests, from 0"),
    ("split.seed", "seed of the draw of blocks"),
    (
        "model.kind",
        "the network, one of `ecotone networks`; the other keys of [model] are settings of this one. Where --set names another kind, those in the file do not hold",
    ),
    (
        "train.from",
        "a weight file (model.safetensors of another run) to start from: tensors of the same name are taken, the others drawn; a unet fits into a unet-convlstm. The bands must mean the same; empty: all are drawn",
    ),
    ("train.epochs", "passes over the training patches"),
    ("train.batch", "patches that go through the network at once"),
    (
        "train.accumulate",
        "such batches a step of the optimiser: the step of one larger batch, but for batch normalisation and the losses dice and joint, which see each batch by itself",
    ),
    ("train.patch", "side of a patch in pixels"),
    ("train.patches_per_epoch", "patches drawn an epoch; 0: as many as tile the training blocks"),
    (
        "train.rare_share",
        "share of patches drawn around a pixel of a class drawn evenly, so that rare classes are seen; the others lie around any training pixel. See predict.prior",
    ),
    (
        "train.series",
        "masked; unmasked: clouds stay in, in the map too; both: trained on either in turn, mapped from the masked one",
    ),
    (
        "train.single_years",
        "also train a network on each of timeline.years alone, and tell how far its maps agree beside those of the network of all years",
    ),
    ("train.optimizer", "adam or adamw"),
    ("train.learning_rate", "highest learning rate"),
    ("train.schedule", "constant, cosine, step or one_cycle"),
    ("train.warmup_epochs", "epochs over which the learning rate rises from 0"),
    ("train.weight_decay", "weight decay of the optimiser; biases, scales and shifts do not decay"),
    ("train.clip_norm", "largest norm of the gradient; 0: no limit"),
    (
        "train.average_decay",
        "share that the moving average of the weights, which is validated and kept, keeps of itself a step; 0: no average",
    ),
    (
        "train.class_weights",
        "none, or inverse: a pixel counts by the inverse of its class's share on the ground; a second correction beside train.rare_share",
    ),
    ("train.class_weight_cap", "largest such weight; a class of average size has 1"),
    (
        "train.loss",
        "cross_entropy, focal, dice or joint (with overlap, for small classes), generalised_cross_entropy or symmetric_cross_entropy (for weak labels); its numbers stand in [train.loss_numbers], and where --set names another loss, those in the file do not hold",
    ),
    ("train.label_smoothing", "probability spread over the other classes, 0 to 1"),
    ("train.flips", "mirror patches at random"),
    ("train.rotations", "turn patches by quarter turns at random"),
    (
        "train.temporal_shift",
        "shift the series of a patch at random by up to so many steps either way; what comes in from outside is unseen",
    ),
    (
        "train.date_dropout",
        "probability that a date of a patch that was observed is hidden, as if it never was; one always stays",
    ),
    (
        "train.band_noise",
        "standard deviation of a random gain and offset of each band of a patch, in normalised units",
    ),
    (
        "train.select_by",
        "what the best epoch is chosen by on the validation blocks: macro_f1 (of the classes that they have), overall_accuracy or loss",
    ),
    (
        "train.early_stop",
        "validated epochs without a better one, by select_by, until the training ends; 0: never. Where validation would take longer than training not every epoch is validated, and others do not count",
    ),
    (
        "train.calibrate",
        "fit a temperature and a bias a class to the validation blocks, so that the probabilities of a map mean what they say; each validated epoch is judged with its own. Without it the bias is ln(natural share / drawn share)",
    ),
    ("train.seed", "seed of weights, patches and augmentation"),
    // A section of its own, so it stands after the keys of [train].
    ("train.loss_numbers.gamma", "focal: how much less pixels count that are right already, 0 to 10"),
    (
        "train.loss_numbers.alpha",
        "joint: the share of the cross-entropy, 0 to 1; symmetric_cross_entropy: its factor",
    ),
    ("train.loss_numbers.beta", "symmetric_cross_entropy: the factor of the reverse cross-entropy"),
    (
        "train.loss_numbers.q",
        "generalised_cross_entropy: from the cross-entropy (towards 0) to the mean absolute error (1)",
    ),
    (
        "predict.window",
        "side of the windows that are mapped one by one, in pixels; bounds the memory. A network that halves its grid often sees mostly border in a small patch: with the halo, a window is then best as large as train.patch",
    ),
    ("predict.halo", "pixels read around a window and blended or thrown away"),
    ("predict.blend", "cosine: windows fade into each other across the halo; crop: the halo is thrown away"),
    (
        "predict.prior",
        "natural: what the training drew or weighed more is taken back, so that probabilities hold for the ground and sum up to its areas; drawn: it is not, and the map has more of the rare classes. The best epoch is chosen under the same",
    ),
    (
        "predict.majority",
        "side in pixels of the square whose most frequent class each pixel of the map gets, odd; 0: no filter. confidence.tif has no value where the filter changed the network's class",
    ),
    ("predict.probabilities", "write probabilities.tif"),
    (
        "assess.baselines",
        "score simpler methods on the same test pixels: a random forest, the nearest centroid, the majority class, and with assess.truth the labels themselves",
    ),
    (
        "assess.forest_pixels",
        "training pixels that the forest learns from at most, of all years together; of more, each class is thinned to its share. Bounds how long it grows; 0: no forest",
    ),
    (
        "assess.truth",
        "class codes of the same legend, as a raster, where the ground is known better than by the labels: map and labels are scored against it on the test blocks, too; {catalog} is the first catalogue's folder",
    ),
];

/// Each setting that some network has with its meaning, in the order in which they are written.
const SETTINGS: &[(&str, &str)] = &[
    (
        "model.width",
        "feature maps of the first level, of which other widths are multiples; in deepforest-2a and -2b the radar's state channels",
    ),
    ("model.depth", "how often rows and columns are halved"),
    (
        "model.collapse",
        "how time is collapsed, of each pixel over the dates that saw it: masked_mean, last or attention",
    ),
    ("model.decoder_convs", "convolutions of a level of the decoder"),
    ("model.first_hidden", "state channels of the first ConvLSTM layer"),
    (
        "model.trains",
        "all; unet: the U-Net alone, each date held against the labels by itself; recurrent: the ConvLSTMs alone, over a U-Net that stays as it is",
    ),
    ("model.stem", "feature maps of the first convolution"),
    ("model.blocks", "feature maps of the first, the second and the last block"),
    ("model.beside", "feature maps of the convolution beside the first two blocks"),
    ("model.hidden", "values of a state"),
    ("model.layers", "layers of the recurrent network"),
    ("model.bidirectional", "whether the dates are read backwards, too"),
    ("model.kernel", "dates that a convolution looks at; odd"),
    ("model.encoder", "feature maps of each level of the encoder, the finest first"),
    ("model.decoder", "feature maps of each level of the decoder, the finest first"),
    ("model.heads", "heads of the attention over the dates"),
    ("model.model", "values that all heads together look at"),
    ("model.key", "values of a key of the attention"),
    ("model.dropout", "share that is dropped in training"),
    (
        "model.stack_radar",
        "true: the series is one picture, the optical channels' mean over the dates that saw each pixel, then the radar channels of every date side by side; a date without radar holds what timeline.fill says. false: each date is a picture, the scores are averaged",
    ),
    ("model.radar_dropout", "share of the radar's input and state that is dropped in training"),
    ("model.cell.hidden", "state channels of the second ConvLSTM layer"),
    ("model.cell.kernel", "side of its kernels; odd"),
    ("model.cell.peephole", "whether its gates see the cell state"),
    ("model.cell.gate", "function of its gates: sigmoid or hard_sigmoid"),
    ("model.cell.activation", "function of its candidate state and output: tanh or relu"),
    ("model.cell.forget_bias", "what the bias of its forget gate starts from"),
    ("model.cell.reading", "order of the dates: forward or backward"),
    ("model.cell.dropout", "share of its input that is dropped in training"),
    ("model.cell.recurrent_dropout", "share of its state that is dropped in training"),
];

/// The recipe with every default written out and each key explained, as TOML.
///
/// # Errors
/// Never for a recipe that was loaded.
pub fn explain(recipe: &Recipe) -> Result<String> {
    let table = toml::Table::try_from(recipe).map_err(|source| crate::Error::WriteRecipe { source })?;
    let default = defaults_with(&recipe.model.kind, &recipe.train.loss)?;
    let after_kind = 1 + MEANINGS.iter().position(|(key, _)| *key == "model.kind").unwrap_or(0);
    let (before, after) = MEANINGS.split_at(after_kind);
    let mut text = String::new();
    let mut section = "";
    for (key, meaning) in before.iter().chain(SETTINGS).chain(after) {
        let Some(value) = look_up(&table, key) else { continue };
        let (head, name) = key.rsplit_once('.').unwrap_or(("", key));
        if head != section {
            text.push_str(&format!("\n[{head}]\n"));
            section = head;
        }
        let note = match look_up(&default, key) {
            Some(usual) if usual != value => format!(" (default: {usual})"),
            _ => String::new(),
        };
        text.push_str(&format!("# {meaning}{note}\n{name} = {value}\n"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::model::{DEFAULT_NETWORK, kinds};
    use crate::recipe::sections::DEFAULT_LOSS;
    use ecotone_models::Loss;
    use std::collections::BTreeSet;
    use toml::Value;

    fn leaves(table: &toml::Table, prefix: &str) -> Vec<String> {
        table
            .iter()
            .flat_map(|(key, value)| match value {
                Value::Table(inner) => leaves(inner, &format!("{prefix}{key}.")),
                _ => vec![format!("{prefix}{key}")],
            })
            .collect()
    }

    #[test]
    fn every_key_is_explained_once_and_none_is_made_up() {
        let of_kind = |kind: &String| leaves(&defaults_with(kind, DEFAULT_LOSS).unwrap(), "");
        let of_loss = |loss: &&str| leaves(&defaults_with(DEFAULT_NETWORK, loss).unwrap(), "");
        let losses = Loss::NAMES;
        let keys: BTreeSet<String> =
            kinds().iter().flat_map(of_kind).chain(losses.iter().flat_map(of_loss)).collect();
        let explained: Vec<String> =
            MEANINGS.iter().chain(SETTINGS).map(|(key, _)| (*key).to_owned()).collect();
        assert_eq!(keys, explained.iter().cloned().collect());
        assert_eq!(keys.len(), explained.len(), "each once");
    }

    #[test]
    fn an_explained_recipe_is_a_recipe() {
        let text = explain(&Recipe::default()).unwrap();
        let back = Recipe::from_text(&text, "explained", &[], std::path::Path::new("/")).unwrap();
        assert_eq!(back, Recipe::default());
    }
}
