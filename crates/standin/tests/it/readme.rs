//! The README's table of faults is the list in the code.

use standin::Fault;

#[test]
fn the_readme_lists_every_fault() {
    let readme = include_str!("../../README.md");
    let listed: Vec<&str> = readme.lines().filter(|line| line.starts_with("| 9")).collect();
    let wanted: Vec<String> = Fault::ALL
        .iter()
        .map(|fault| {
            let signs = if fault.signs() { "yes" } else { "no" };
            format!("| {} | `{}` | {signs} | {} |", fault.csr_id(), fault.name(), fault.describes())
        })
        .collect();
    assert_eq!(listed, wanted, "copy the right-hand side into README.md");
}
