//! Tables, each in a scroller of its own so that a phone's page never scrolls sideways.

use crate::palette::Swatch;
use crate::text::escape;

/// A table of a header and ready rows, in a scroller that the keyboard reaches too.
pub fn table(label: &str, class: &str, header: &[&str], rows: &str) -> String {
    let header: String = header.iter().map(|cell| format!("<th scope=\"col\">{cell}</th>")).collect();
    format!(
        "<div class=\"scroll\" role=\"region\" aria-label=\"{label}\" tabindex=\"0\"><table class=\"{class}\">\
         <thead><tr>{header}</tr></thead><tbody>{rows}</tbody></table></div>\n"
    )
}

/// A row of ready HTML cells, the first of which names it.
pub fn row(class: &str, name: &str, cells: &[String]) -> String {
    let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>")).collect();
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    format!("<tr{class}><th scope=\"row\">{name}</th>{cells}</tr>\n")
}

/// A colour chip and its label.
pub fn chip(swatch: &Swatch) -> String {
    format!("<i class=\"chip\" style=\"background:{}\"></i>{}", swatch.color, escape(&swatch.label))
}
