//! Band algebra: sums, products and quotients of bands and numbers, parsed once and evaluated on arrays.

use crate::{Error, Result};
use std::fmt;

/// A divisor closer to zero than this gives a quotient of 0.
const SMALLEST_DIVISOR: f32 = 1e-6;

/// Pixels evaluated at a time, few enough for intermediate results to stay in the cache.
const CHUNK: usize = 1024;

/// An expression over bands, as a tree.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Number(f32),
    Band(String),
    Binary(Operator, Box<Node>, Box<Node>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl Operator {
    const fn sign(self) -> char {
        match self {
            Self::Add => '+',
            Self::Subtract => '-',
            Self::Multiply => '*',
            Self::Divide => '/',
        }
    }

    /// The quotient by almost nothing is 0, so that no infinity leaves the algebra.
    fn apply(self, left: &mut [f32], right: &[f32]) {
        let pairs = left.iter_mut().zip(right);
        match self {
            Self::Add => pairs.for_each(|(l, r)| *l += r),
            Self::Subtract => pairs.for_each(|(l, r)| *l -= r),
            Self::Multiply => pairs.for_each(|(l, r)| *l *= r),
            Self::Divide => {
                pairs.for_each(|(l, r)| *l = if r.abs() < SMALLEST_DIVISOR { 0.0 } else { *l / r });
            }
        }
    }
}

impl Node {
    /// Reads `(B8A - B04) / (B8A + B04)`: numbers, band names, `+ - * /` with their usual precedence, parentheses.
    /// The expression starts at byte `start` of the text.
    pub(crate) fn parse(text: &str, start: usize) -> Result<Self> {
        let mut parser = Parser { text, position: start, operands: 0 };
        let node = parser.sum()?;
        if parser.peek().is_some() {
            return Err(parser.expected("an operator or the end"));
        }
        Ok(node)
    }

    /// Calls `visit` for each band, from left to right.
    pub(crate) fn for_each_band<'a>(&'a self, visit: &mut impl FnMut(&'a str)) {
        match self {
            Self::Number(_) => {}
            Self::Band(name) => visit(name),
            Self::Binary(_, left, right) => {
                left.for_each_band(visit);
                right.for_each_band(visit);
            }
        }
    }

    /// The same expression over other names.
    pub(crate) fn renamed(&self, name: &mut impl FnMut(&str) -> Result<String>) -> Result<Self> {
        Ok(match self {
            Self::Number(number) => Self::Number(*number),
            Self::Band(band) => Self::Band(name(band)?),
            Self::Binary(operator, left, right) => {
                Self::Binary(*operator, Box::new(left.renamed(name)?), Box::new(right.renamed(name)?))
            }
        })
    }

    /// Evaluates it on bands of one size; `band` gives the values of a name. All values that come out are finite.
    pub(crate) fn evaluate<'a>(&self, band: &impl Fn(&str) -> &'a [f32], out: &mut [f32]) {
        let mut stack = Vec::new();
        for (start, out) in (0..).step_by(CHUNK).zip(out.chunks_mut(CHUNK)) {
            self.evaluate_chunk(band, start, out, &mut stack);
            for value in out.iter_mut().filter(|value| !value.is_finite()) {
                *value = 0.0;
            }
        }
    }

    fn evaluate_chunk<'a>(
        &self,
        band: &impl Fn(&str) -> &'a [f32],
        start: usize,
        out: &mut [f32],
        free: &mut Vec<Vec<f32>>,
    ) {
        match self {
            Self::Number(number) => out.fill(*number),
            Self::Band(name) => out.copy_from_slice(&band(name)[start..start + out.len()]),
            Self::Binary(operator, left, right) => {
                left.evaluate_chunk(band, start, out, free);
                let mut other = free.pop().unwrap_or_else(|| vec![0.0; CHUNK]);
                right.evaluate_chunk(band, start, &mut other[..out.len()], free);
                operator.apply(out, &other[..out.len()]);
                free.push(other);
            }
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Band(name) => f.write_str(name),
            Self::Binary(operator, left, right) => {
                let strong = |o: Operator| matches!(o, Operator::Multiply | Operator::Divide);
                let part = |f: &mut fmt::Formatter<'_>, node: &Self, is_right: bool| match node {
                    Self::Binary(inner, ..) if strong(*operator) && !strong(*inner) => write!(f, "({node})"),
                    Self::Binary(inner, ..) if is_right && strong(*operator) == strong(*inner) => {
                        write!(f, "({node})")
                    }
                    _ => write!(f, "{node}"),
                };
                part(f, left, false)?;
                write!(f, " {} ", operator.sign())?;
                part(f, right, true)
            }
        }
    }
}

/// Longer expressions are refused, so that no text overflows the stack.
const MOST_OPERANDS: usize = 200;

struct Parser<'a> {
    text: &'a str,
    /// In bytes.
    position: usize,
    /// Bands, numbers, parentheses and minus signs so far.
    operands: usize,
}

impl Parser<'_> {
    fn sum(&mut self) -> Result<Node> {
        self.chain(Self::product, |sign| match sign {
            '+' => Some(Operator::Add),
            '-' => Some(Operator::Subtract),
            _ => None,
        })
    }

    fn product(&mut self) -> Result<Node> {
        self.chain(Self::factor, |sign| match sign {
            '*' => Some(Operator::Multiply),
            '/' => Some(Operator::Divide),
            _ => None,
        })
    }

    /// Operands of one precedence, grouped from the left.
    fn chain(
        &mut self,
        operand: fn(&mut Self) -> Result<Node>,
        operator: fn(char) -> Option<Operator>,
    ) -> Result<Node> {
        let mut node = operand(self)?;
        while let Some(operator) = self.peek().and_then(operator) {
            self.position += 1;
            node = Node::Binary(operator, Box::new(node), Box::new(operand(self)?));
        }
        Ok(node)
    }

    fn factor(&mut self) -> Result<Node> {
        const OPERAND: &str = "a band, a number or `(`";
        self.operands += 1;
        if self.operands > MOST_OPERANDS {
            return Err(self.expected("a shorter expression"));
        }
        Ok(match self.peek() {
            Some('(') => {
                self.position += 1;
                let node = self.sum()?;
                if self.peek() != Some(')') {
                    return Err(self.expected("`)`"));
                }
                self.position += 1;
                node
            }
            Some('-') => {
                self.position += 1;
                Node::Binary(Operator::Subtract, Box::new(Node::Number(0.0)), Box::new(self.factor()?))
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number()?,
            Some(c) if c.is_ascii_alphabetic() => {
                Node::Band(self.take(|c| c.is_ascii_alphanumeric() || c == '_').to_owned())
            }
            _ => return Err(self.expected(OPERAND)),
        })
    }

    fn number(&mut self) -> Result<Node> {
        let start = self.position;
        let digits = self.take(|c| c.is_ascii_digit() || c == '.');
        match digits.parse::<f32>() {
            Ok(number) if number.is_finite() => Ok(Node::Number(number)),
            _ => {
                self.position = start;
                Err(self.expected("a number such as 2.5"))
            }
        }
    }

    fn take(&mut self, belongs: impl Fn(char) -> bool) -> &str {
        let rest = &self.text[self.position..];
        let length = rest.find(|c| !belongs(c)).unwrap_or(rest.len());
        self.position += length;
        &rest[..length]
    }

    fn peek(&mut self) -> Option<char> {
        let rest = &self.text[self.position..];
        self.position += rest.len() - rest.trim_start().len();
        self.text[self.position..].chars().next()
    }

    fn expected(&self, expected: &'static str) -> Error {
        let position = self.text[..self.position].chars().count() + 1;
        Error::Expression { text: self.text.to_owned(), position, expected }
    }
}
