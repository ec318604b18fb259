//! Addresses of files apart from the signatures that open them for an hour or so.

use ecotone_io::unsigned_address;
use std::fmt;

/// Where a file lies. What is compared and written down is the address without a signature; one that the catalogue gave
/// serves the process that asked it, and is forgotten with that.
#[derive(Clone)]
pub struct Address {
    unsigned: String,
    signed: Option<String>,
}

impl Address {
    /// As a catalogue gives it.
    pub fn new(text: &str) -> Self {
        let unsigned = unsigned_address(text);
        let signed = (unsigned != text).then(|| text.to_owned());
        Self { unsigned, signed }
    }

    /// The address without a signature.
    pub fn unsigned(&self) -> &str {
        &self.unsigned
    }

    /// What is opened: the address with its signature, where it has one.
    pub fn location(&self) -> &str {
        self.signed.as_deref().unwrap_or(&self.unsigned)
    }
}

impl PartialEq for Address {
    fn eq(&self, other: &Self) -> bool {
        self.unsigned == other.unsigned
    }
}

/// Signatures are no one's business.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.unsigned, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_serves_and_is_not_told() {
        let address = Address::new("https://a.blob.core.windows.net/c/B04.tif?v=2&sv=1&sig=SECRET#x");
        assert_eq!(address.unsigned(), "https://a.blob.core.windows.net/c/B04.tif?v=2#x");
        assert!(address.location().contains("sig=SECRET") && !format!("{address:?}").contains("SECRET"));
        assert_eq!(address, Address::new(address.unsigned()));
    }
}
