//! How one gets at the files of a provider.

/// What a file's server asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing.
    Open,
    /// A signature in the address, which Planetary Computer gives to anybody and which runs out after about an hour.
    SignedByPlanetaryComputer,
    /// A token in the header `Authorization`, or name and password of `.netrc`.
    Bearer,
    /// Keys of a server that speaks S3 at this host.
    S3 {
        /// The host.
        endpoint: &'static str,
    },
    /// Keys of AWS, whose owner pays for the requests.
    RequesterPays,
}
