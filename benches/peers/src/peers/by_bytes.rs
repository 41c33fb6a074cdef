//! Peers that are a function of the bytes of a key and of the number of nodes.

/// A peer of this name, and a function `fn(&[u8], u32) -> u32`.
macro_rules! by_bytes {
    ($(#[$doc:meta])* $name:ident $title:literal $number:path) => {
        $(#[$doc])*
        pub struct $name(u32);

        impl crate::peer::Peer for $name {
            const NAME: &'static str = $title;
            const FAMILY: &'static str = "interop";
            type Plan = u32;

            fn plan(n: u32) -> u32 {
                std::hint::black_box(n)
            }

            fn build(n: &u32) -> Self {
                Self(*n)
            }
        }

        impl crate::peer::Locate<u64> for $name {
            fn locate(&self, key: &u64) -> u32 {
                $number(&key.to_le_bytes(), self.0)
            }
        }

        impl crate::peer::Locate<str> for $name {
            fn locate(&self, key: &str) -> u32 {
                $number(key.as_bytes(), self.0)
            }
        }
    };
}
pub(super) use by_bytes;
