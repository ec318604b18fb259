//! Real numbers in JSON, which has no words for those that are not finite.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A real number; `"NaN"`, `"inf"` and `"-inf"` where it is not finite.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Number(pub(crate) f64);

#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Number(f64),
    Word(String),
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            serializer.serialize_f64(self.0)
        } else {
            serializer.serialize_str(&self.0.to_string())
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Number(value) => Ok(Self(value)),
            Written::Word(word) => match word.parse::<f64>() {
                Ok(value) if !value.is_finite() => Ok(Self(value)),
                _ => {
                    Err(D::Error::custom(format_args!("expected a number, NaN, inf or -inf, found `{word}`")))
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back_to_the_bit(bits in any::<u64>()) {
            let value = f64::from_bits(bits);
            let text = serde_json::to_string(&Number(value)).unwrap();
            let Number(back) = serde_json::from_str(&text).unwrap();
            prop_assert!(back.to_bits() == bits || (back.is_nan() && value.is_nan()), "{} {}", text, back);
        }
    }

    #[test]
    fn other_words_are_none() {
        for text in ["\"1.0\"", "\"nothing\"", "null"] {
            assert!(serde_json::from_str::<Number>(text).is_err(), "{text}");
        }
    }
}
