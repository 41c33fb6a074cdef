//! A circle in pages: each change writes only the pages of the points that come and go, and shares the
//! others with the circle before.

mod build;
mod change;
mod layout;
mod lookup;
mod open;
mod place;
mod stream;
#[cfg(test)]
mod tests;
mod word;

pub(super) use layout::Paged;
pub(super) use place::Place;
pub(crate) use stream::Stream;
pub(super) use word::Word;
