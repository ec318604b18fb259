//! Types of pixel values, in files and in memory.

use std::fmt;

/// A type of pixel values in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PixelType {
    /// 8-bit, 0 to 255.
    U8,
    /// 8-bit, signed.
    I8,
    /// 16-bit, 0 to 65535.
    U16,
    /// 16-bit, signed.
    I16,
    /// 32-bit, unsigned.
    U32,
    /// 32-bit, signed.
    I32,
    /// 64-bit, unsigned.
    U64,
    /// 64-bit, signed.
    I64,
    /// 32-bit floating point.
    F32,
    /// 64-bit floating point.
    F64,
    /// Complex numbers, of any width.
    Complex,
    /// Whatever GDAL adds.
    Other,
}

impl PixelType {
    /// From GDAL's name of it; the enum of the `gdal` crate changes with GDAL's version.
    pub(crate) fn from_gdal_name(name: &str) -> Self {
        match name {
            "Byte" | "UInt8" => Self::U8,
            "Int8" => Self::I8,
            "UInt16" => Self::U16,
            "Int16" => Self::I16,
            "UInt32" => Self::U32,
            "Int32" => Self::I32,
            "UInt64" => Self::U64,
            "Int64" => Self::I64,
            "Float32" => Self::F32,
            "Float64" => Self::F64,
            _ => Self::Other,
        }
    }

    /// True for floating point.
    pub const fn is_float(self) -> bool {
        matches!(self, Self::F32 | Self::F64)
    }

    /// True for whole numbers of 64 bits, which `f64` holds exactly as far as [`EXACT`] only.
    pub(crate) const fn is_long(self) -> bool {
        matches!(self, Self::U64 | Self::I64)
    }

    /// True where every value of this type has an equal in `other`.
    pub fn fits(self, other: Self) -> bool {
        let range = |kind| match kind {
            Self::U8 => Some((0.0, 255.0, 8)),
            Self::I8 => Some((-128.0, 127.0, 8)),
            Self::U16 => Some((0.0, 65_535.0, 16)),
            Self::I16 => Some((-32_768.0, 32_767.0, 16)),
            Self::U32 => Some((0.0, f64::from(u32::MAX), 32)),
            Self::I32 => Some((f64::from(i32::MIN), f64::from(i32::MAX), 32)),
            _ => None,
        };
        match (self, other) {
            (a, b) if a == b => !matches!(a, Self::Complex | Self::Other),
            (Self::F32, Self::F64) => true,
            (a, Self::F32) => range(a).is_some_and(|(_, _, bits)| bits <= 16),
            (a, Self::F64) => range(a).is_some(),
            (a, b) => match (range(a), range(b)) {
                (Some(a), Some(b)) => a.0 >= b.0 && a.1 <= b.1,
                _ => false,
            },
        }
    }
}

impl fmt::Display for PixelType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::U8 => "u8",
            Self::I8 => "i8",
            Self::U16 => "u16",
            Self::I16 => "i16",
            Self::U32 => "u32",
            Self::I32 => "i32",
            Self::U64 => "u64",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Complex => "complex",
            Self::Other => "of an unsupported type",
        })
    }
}

/// The largest whole number up to which `f64` holds every one: 2^53.
pub(crate) const EXACT: f64 = 9_007_199_254_740_992.0;

mod sealed {
    pub trait Sealed {}

    /// What values are added up in.
    pub trait Real:
        Copy
        + PartialEq
        + std::ops::Add<Output = Self>
        + std::ops::AddAssign
        + std::ops::Mul<Output = Self>
        + std::ops::Div<Output = Self>
    {
        const ZERO: Self;
        const ONE: Self;
        fn from_f64(value: f64) -> Self;
    }

    impl Real for f32 {
        const ZERO: Self = 0.0;
        const ONE: Self = 1.0;

        #[inline]
        fn from_f64(value: f64) -> Self {
            value as Self
        }
    }

    impl Real for f64 {
        const ZERO: Self = 0.0;
        const ONE: Self = 1.0;

        #[inline]
        fn from_f64(value: f64) -> Self {
            value
        }
    }
}

pub(crate) use sealed::Real;

/// A type that pixels can have in memory: `u8`, `u16`, `i16`, `u32`, `i32`, `f32` or `f64`.
pub trait Pixel:
    gdal::raster::GdalType + Copy + PartialEq + Into<f64> + Send + Sync + fmt::Debug + 'static + sealed::Sealed
{
    /// What it is called.
    const TYPE: PixelType;
    /// What stands outside a raster that declares no nodata: NaN, or 0 for integers.
    const FILL: Self;

    /// The nearest value of this type; NaN becomes 0 in an integer.
    fn from_f64(value: f64) -> Self;

    /// The equal value of this type, where there is one.
    fn exact(value: f64) -> Option<Self>;

    /// Its bits, for checksums.
    fn bits(self) -> u64;

    /// True for NaN, which an integer never is.
    fn is_nan(self) -> bool;

    /// What means are computed in: 32 bits hold a sum of 256 values of 16 bits exactly, and are twice as fast.
    #[doc(hidden)]
    type Real: Real;

    #[doc(hidden)]
    fn to_real(self) -> Self::Real;

    /// The nearest value of this type, for a number within its range.
    #[doc(hidden)]
    fn from_real(value: Self::Real) -> Self;
}

macro_rules! integer {
    ($($kind:ty => $name:ident in $real:ty, $whole:ty);*) => {$(
        impl sealed::Sealed for $kind {}
        impl Pixel for $kind {
            type Real = $real;

            const TYPE: PixelType = PixelType::$name;
            const FILL: Self = 0;

            #[inline]
            fn from_f64(value: f64) -> Self {
                value.round() as Self
            }

            #[inline]
            fn exact(value: f64) -> Option<Self> {
                (f64::from(value as Self) == value).then_some(value as Self)
            }

            #[inline]
            fn bits(self) -> u64 {
                self as u64
            }

            #[inline]
            fn is_nan(self) -> bool {
                false
            }

            #[inline]
            fn to_real(self) -> $real {
                self as $real
            }

            #[inline]
            fn from_real(value: $real) -> Self {
                // Neither `round`, a function call on processors without an instruction for it, nor a cast that
                // saturates at the narrow type, which compilers do not vectorise.
                (value + (0.5 as $real).copysign(value)) as $whole as Self
            }
        }
    )*};
}

macro_rules! float {
    ($($kind:ty => $name:ident in $real:ty),*) => {$(
        impl sealed::Sealed for $kind {}
        impl Pixel for $kind {
            type Real = $real;

            const TYPE: PixelType = PixelType::$name;
            const FILL: Self = <$kind>::NAN;

            #[inline]
            fn from_f64(value: f64) -> Self {
                value as Self
            }

            #[inline]
            fn exact(value: f64) -> Option<Self> {
                // A sentinel such as -3.4e38 is written in decimals: the nearest float is the same value.
                Some(value as Self)
            }

            #[inline]
            fn bits(self) -> u64 {
                u64::from(self.to_bits())
            }

            #[inline]
            fn is_nan(self) -> bool {
                <$kind>::is_nan(self)
            }

            #[inline]
            fn to_real(self) -> $real {
                self
            }

            #[inline]
            fn from_real(value: $real) -> Self {
                value
            }
        }
    )*};
}

integer!(
    u8 => U8 in f32, i32;
    u16 => U16 in f32, i32;
    i16 => I16 in f32, i32;
    u32 => U32 in f64, i64;
    i32 => I32 in f64, i64
);
float!(f32 => F32 in f32, f64 => F64 in f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_into_what() {
        assert!(PixelType::U8.fits(PixelType::I16) && PixelType::U16.fits(PixelType::F32));
        assert!(PixelType::I32.fits(PixelType::F64) && PixelType::F32.fits(PixelType::F64));
        assert!(!PixelType::I16.fits(PixelType::U16) && !PixelType::U32.fits(PixelType::F32));
        assert!(!PixelType::F32.fits(PixelType::I32) && !PixelType::Other.fits(PixelType::Other));
        assert!(!PixelType::Complex.fits(PixelType::Complex) && !PixelType::I64.fits(PixelType::F64));
    }

    #[test]
    fn exact_values_only() {
        assert_eq!(
            (u8::exact(255.0), u8::exact(256.0), u8::exact(0.5), u8::exact(f64::NAN)),
            (Some(255), None, None, None)
        );
        assert_eq!(i16::exact(-10_000.0), Some(-10_000));
        assert!(f32::exact(f64::NAN).unwrap().is_nan());
    }
}
