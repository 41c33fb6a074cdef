//! The numbering as a diff sees it.

use super::buckets::Buckets;
use super::flip::FlipHash;
use super::function::BucketHash;
use super::jump::{Jump, JumpGuava};
use super::jump_back::JumpBack;
use super::numbered::Numbered;
use crate::placement::{BucketNodes, Numbering, Structure, View, Viewed};

/// Whether among n buckets and m > n a key of any old bucket goes to each
/// new one with equal probability: JumpBackHash does so within a power of two only.
macro_rules! viewed {
    ($($function:ty, even: $even:literal;)*) => {$(
        impl Viewed for Numbered<$function> {
            fn view(&self) -> View<'_> {
                view(self.function.name(), $even, BucketNodes::Listed(self.numbering()))
            }
        }

        impl Viewed for Buckets<$function> {
            fn view(&self) -> View<'_> {
                view(self.function.name(), $even, BucketNodes::Same(self.n()))
            }
        }
    )*};
}

viewed! {
    Jump, even: true;
    JumpGuava, even: true;
    JumpBack, even: false;
    FlipHash, even: true;
}

fn view<'a>(algorithm: &'static str, even: bool, nodes: BucketNodes<'a>) -> View<'a> {
    let numbering = Numbering { nodes, removed: &[], even, capacity: None };
    View { algorithm, structure: Structure::Numbering(numbering) }
}
