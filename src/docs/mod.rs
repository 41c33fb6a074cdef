//! Chapters that are longer than one item's documentation.
//!
//! Each chapter is also a page on GitHub, so its links have two targets: the definitions at its end
//! point to docs.rs and to other chapters' files, those in `links.txt` to the items themselves. The
//! first definition of a label counts, and here `links.txt` comes first. `tests/links.rs` compares them.

#[doc = include_str!("links.txt")]
#[doc = include_str!("choosing.md")]
// Pictures inside the page take the colour of its text. Empty lines around them make them blocks.
#[doc = ""]
#[doc = include_str!("balance.svg")]
#[doc = ""]
#[doc = include_str!("cost.svg")]
#[doc = ""]
pub mod choosing {}

#[doc = include_str!("links.txt")]
#[doc = include_str!("replicas.md")]
pub mod replicas {}

#[doc = include_str!("links.txt")]
#[doc = include_str!("placing_replicas.md")]
// A picture inside the page takes the colour of its text. Empty lines around it make it a block.
#[doc = ""]
#[doc = include_str!("table.svg")]
#[doc = ""]
#[doc = include_str!("placing_replicas_promises.md")]
pub mod placing_replicas {}

#[doc = include_str!("links.txt")]
#[doc = include_str!("changing_the_cluster.md")]
pub mod changing_the_cluster {}

#[doc = include_str!("links.txt")]
#[doc = include_str!("stability.md")]
pub mod stability {}

#[doc = include_str!("links.txt")]
#[doc = include_str!("limits.md")]
pub mod limits {}

#[doc = include_str!("links.txt")]
#[doc = include_str!("coming_from.md")]
pub mod coming_from {}

// Its programs need `interop`.
#[doc = include_str!("links.txt")]
#[cfg_attr(any(not(doctest), feature = "interop"), doc = include_str!("other_systems.md"))]
pub mod other_systems {}

// Its programs need `alloc` and `std`.
#[doc = include_str!("links.txt")]
#[cfg_attr(any(not(doctest), feature = "std"), doc = include_str!("sticky_routing.md"))]
#[doc = ""]
#[doc = include_str!("sticky.svg")]
#[doc = ""]
pub mod sticky_routing {}

// Its programs need `alloc`, threads and other crates.
#[doc = include_str!("links.txt")]
#[cfg_attr(any(not(doctest), feature = "alloc"), doc = include_str!("recipes.md"))]
pub mod recipes {}
