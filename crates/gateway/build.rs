//! Rebuilds the crate when the page was built anew: its files have other names then.

fn main() {
    println!("cargo:rerun-if-changed=../../dist");
}
