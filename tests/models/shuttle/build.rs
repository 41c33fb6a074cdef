//! Puts the model checker's atomics and locks into the library.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-cfg=apportion_model");
}
