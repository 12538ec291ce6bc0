//! Rebuilds the crate when the page was built anew: its files have other names then.

use std::path::Path;

fn main() {
    println!("cargo:rerun-if-changed=../../dist");
    // A path that is not there would mean to rebuild every time. When it comes, dist changes as well.
    if Path::new("../../dist-compressed").exists() {
        println!("cargo:rerun-if-changed=../../dist-compressed");
    }
}
