//! Legends as people have them: tables, and styles of QGIS.

use super::read_table;
use crate::xml::{Element, Xml};
use crate::{Error, Result};
use ecotone_core::{ClassCode, Legend, LegendEntry, Rgb};
use std::path::Path;

/// Reads a legend: a table `code,name,color`, or the style `.qml` of a raster or layer whose values are class codes.
///
/// # Errors
/// When the file cannot be read, is no such table or style, or a value is no code from 0 to 255.
pub fn read_legend(path: impl AsRef<Path>) -> Result<Legend> {
    let path = path.as_ref();
    let legend = match path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("qml")) {
        true => Legend::new(of_style(&Xml::read(path)?, path)?),
        false => Legend::from_table(&read_table(path)?),
    };
    legend.map_err(|source| Error::Legend { path: path.to_owned(), source })
}

/// The classes of a style: the palette of a raster, or the categories of a layer.
fn of_style(style: &Xml, path: &Path) -> Result<Vec<LegendEntry>> {
    let palette = style.root().all("paletteEntry");
    if !palette.is_empty() {
        return palette.into_iter().map(|entry| of_value(entry, entry.attribute("color"), path)).collect();
    }
    let Some(renderer) = style.root().find("renderer-v2") else {
        return Err(Error::StyleClasses { path: path.to_owned() });
    };
    let symbols: Vec<&Element> =
        renderer.find("symbols").map(|symbols| symbols.all("symbol")).unwrap_or_default();
    let color = |category: &Element| {
        let symbol =
            symbols.iter().find(|symbol| symbol.attribute("name") == category.attribute("symbol"))?;
        // Options from QGIS 3.18 on, props before.
        let named =
            |name, key: &str| nested(symbol, name).find(|option| option.attribute(key) == Some("color"));
        named("Option", "name")
            .and_then(|option| option.attribute("value"))
            .or_else(|| named("prop", "k").and_then(|prop| prop.attribute("v")))
    };
    let categories = renderer.all("category");
    // QGIS adds one without a value for all else.
    let categories = categories.into_iter().filter(|category| category.attribute("value") != Some(""));
    let classes: Vec<LegendEntry> =
        categories.map(|category| of_value(category, color(category), path)).collect::<Result<_>>()?;
    match classes.is_empty() {
        true => Err(Error::StyleClasses { path: path.to_owned() }),
        false => Ok(classes),
    }
}

/// All descendants of a name, those in one another, too.
fn nested<'a>(element: &'a Element, name: &'a str) -> Box<dyn Iterator<Item = &'a Element> + 'a> {
    let own = element.all(name).into_iter();
    Box::new(own.flat_map(move |child| std::iter::once(child).chain(nested(child, name))))
}

/// A class whose code, name and colour a style tells.
fn of_value(element: &Element, color: Option<&str>, path: &Path) -> Result<LegendEntry> {
    let value = element.attribute("value").unwrap_or_default();
    let label = element.attribute("label").unwrap_or_default();
    let code = value.parse::<f64>().ok().filter(|code| code.fract() == 0.0 && (0.0..=255.0).contains(code));
    let code = code.ok_or_else(|| Error::StyleValue {
        path: path.to_owned(),
        value: value.to_owned(),
        label: label.to_owned(),
    })?;
    let color = color.unwrap_or_default();
    let color = color.parse().ok().or_else(|| of_channels(color)).ok_or_else(|| Error::StyleColor {
        path: path.to_owned(),
        value: value.to_owned(),
        found: color.to_owned(),
    })?;
    let code = ClassCode(code as u8);
    let name = if label.is_empty() { format!("class {}", code.0) } else { label.to_owned() };
    Ok(LegendEntry { code, name, color })
}

/// A colour as `red,green,blue` and an opacity, from 0 to 255; what follows as `,rgb:…` says the same again.
fn of_channels(text: &str) -> Option<Rgb> {
    let mut channels = text.split(',').map(|channel| channel.trim().parse::<u8>().ok());
    Some(Rgb([channels.next()??, channels.next()??, channels.next()??]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str, text: &str) -> Result<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        read_legend(&path).map(|legend| legend.to_csv())
    }

    const LEGEND: &str = "code,name,color\n1,forest,#006400\n2,class 2,#ffff00\n";

    #[test]
    fn styles_are_legends() {
        let raster = r##"<qgis><pipe><rasterrenderer type="paletted"><colorPalette>
            <paletteEntry value="1" color="#006400" label="forest" alpha="255"/>
            <paletteEntry value="2" color="#ffff00" label="" alpha="255"/></colorPalette></rasterrenderer></pipe></qgis>"##;
        assert_eq!(read("style.qml", raster).unwrap(), LEGEND);
        let symbol = |name: &str, color: &str| {
            format!(
                r#"<symbol name="{name}"><layer><Option type="Map"><Option name="color" value="{color}"/></Option></layer></symbol>"#
            )
        };
        let layer = format!(
            r#"<qgis><renderer-v2 type="categorizedSymbol" attr="code"><categories>
            <category value="1" label="forest" symbol="b"/><category value="2" label="" symbol="a"/>
            <category value="" label="" symbol="a"/></categories><symbols>{}{}</symbols></renderer-v2></qgis>"#,
            symbol("a", "255,255,0,255,rgb:1,1,0,1"),
            symbol("b", "0,100,0,255"),
        );
        assert_eq!(read("style.QML", &layer).unwrap(), LEGEND);
        assert_eq!(read("legend.csv", LEGEND).unwrap(), LEGEND);
    }

    #[track_caller]
    fn check_refused(text: &str, words: &str) {
        let error = read("style.qml", text).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
    }

    #[test]
    fn styles_without_codes_say_what_they_lack() {
        check_refused("<qgis><renderer-v2 type='singleSymbol'/></qgis>", "style.qml has no classes");
        check_refused(
            "<qgis><renderer-v2><category value='soil' label='Soil' symbol='0'/></renderer-v2></qgis>",
            "`soil` (Soil) is no class code",
        );
        check_refused(
            "<qgis><paletteEntry value='1' label='a' color='red'/></qgis>",
            "class 1 has the color `red`",
        );
    }
}
