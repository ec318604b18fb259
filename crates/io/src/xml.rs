//! An XML file as a tree of elements, with messages that say what is missing where.

use crate::{Error, Result};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// One element: its name without prefix, its attributes, its own text, its children.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

/// A document and where it was read from.
#[derive(Debug)]
pub(crate) struct Xml {
    path: PathBuf,
    root: Element,
}

/// Products nest some fifteen elements; the tree is walked by recursion.
const DEEPEST: usize = 100;

impl Xml {
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(path).map_err(|source| Error::Io {
            act: "reading",
            path: path.to_owned(),
            source,
        })?;
        let broken = |source| Error::Xml { path: path.to_owned(), source: Box::new(source) };
        let mut reader = Reader::from_str(&text);
        let mut open = vec![Element::default()];
        loop {
            match reader.read_event().map_err(broken)? {
                Event::Start(start) => {
                    let element = Element::of(&start).map_err(broken)?;
                    if open.len() > DEEPEST {
                        return Err(wrong(path, &element.name, "elements nested beyond all reason"));
                    }
                    open.push(element);
                }
                Event::Empty(start) => close(&mut open, Element::of(&start).map_err(broken)?),
                Event::End(_) => {
                    if let Some(done) = open.pop() {
                        close(&mut open, done);
                    }
                }
                Event::Text(text) => {
                    if let Some(element) = open.last_mut() {
                        element.text.push_str(&text.xml_content(quick_xml::XmlVersion::Implicit1_0));
                    }
                }
                Event::Eof => break,
                _ => {}
            }
        }
        // The reader takes a file that just ends for a whole one.
        let unclosed = open.get(1).map(|element| element.name.clone());
        let root = open.swap_remove(0).children.pop();
        match (unclosed, root) {
            (None, Some(root)) => Ok(Self { path: path.to_owned(), root }),
            (Some(element), _) => Err(wrong(path, &element, "a file that ends before it is closed")),
            (None, None) => Err(wrong(path, "root", "a file without elements")),
        }
    }

    pub(crate) fn root(&self) -> &Element {
        &self.root
    }

    /// The first element of a name anywhere.
    pub(crate) fn find(&self, name: &str) -> Result<&Element> {
        self.root.find(name).ok_or_else(|| wrong(&self.path, name, "nothing"))
    }

    /// Its text as a value.
    pub(crate) fn parse<T: FromStr>(&self, name: &str) -> Result<T> {
        self.value(self.find(name)?)
    }

    /// The same where the element may be absent.
    pub(crate) fn parse_optional<T: FromStr>(&self, name: &str) -> Result<Option<T>> {
        self.root.find(name).map(|element| self.value(element)).transpose()
    }

    /// An element's text as a value.
    pub(crate) fn value<T: FromStr>(&self, element: &Element) -> Result<T> {
        element.text().parse().ok().ok_or_else(|| self.wrong(&element.name, element.text()))
    }

    pub(crate) fn wrong(&self, element: &str, found: &str) -> Error {
        wrong(&self.path, element, &format!("`{}`", found.chars().take(80).collect::<String>()))
    }
}

impl Element {
    fn of(start: &BytesStart<'_>) -> std::result::Result<Self, quick_xml::Error> {
        let mut element = Self { name: start.local_name().as_ref().to_owned(), ..Self::default() };
        for attribute in start.attributes() {
            let attribute = attribute?;
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0)?.into_owned();
            element.attributes.push((attribute.key.local_name().as_ref().to_owned(), value));
        }
        Ok(element)
    }

    pub(crate) fn text(&self) -> &str {
        self.text.trim()
    }

    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The first descendant of a name, in the order of the file.
    pub(crate) fn find(&self, name: &str) -> Option<&Self> {
        self.children.iter().find_map(|child| if child.name == name { Some(child) } else { child.find(name) })
    }

    /// All descendants of a name, in the order of the file.
    pub(crate) fn all<'a>(&'a self, name: &str) -> Vec<&'a Self> {
        let own = |child: &'a Self| if child.name == name { vec![child] } else { child.all(name) };
        self.children.iter().flat_map(own).collect()
    }
}

fn close(open: &mut [Element], done: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(done);
    }
}

fn wrong(path: &Path, element: &str, found: &str) -> Error {
    Error::XmlElement { path: path.to_owned(), element: element.to_owned(), found: found.to_owned() }
}
