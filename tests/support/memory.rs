//! The memory of a process under test, which root alone can read: the programs protect theirs.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};

/// How much of it is given back, in bytes.
const SHOWN: usize = 80;

/// What stands in the memory that a process can write and begins like one of these texts, as UTF-8 or as UTF-16, with a few
/// bytes of what follows. None where this user may not read it, and where no such process runs.
///
/// # Panics
/// When the system names its memory in another way than it should.
#[must_use]
pub fn found_in(process: u32, beginnings: &[&str]) -> Option<Vec<String>> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).ok()?;
    let mut memory = File::open(format!("/proc/{process}/mem")).ok()?;
    let wide = |it: &&str| it.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let texts: Vec<_> =
        beginnings.iter().map(|it| it.as_bytes().to_vec()).chain(beginnings.iter().map(wide)).collect();
    let forms: Vec<_> = texts.iter().map(memchr::memmem::Finder::new).collect();
    let (mut found, mut content) = (Vec::new(), Vec::new());
    for line in maps.lines() {
        let mut columns = line.split_whitespace();
        let (range, rights) = (columns.next().expect("a range"), columns.next().expect("its rights"));
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').expect("a range");
        let [from, to] = [from, to].map(|it| u64::from_str_radix(it, 16).expect("an address"));
        content.clear();
        memory.seek(SeekFrom::Start(from)).expect("an address");
        // What was given back meanwhile, and what only the kernel reads, has nothing.
        let _ = memory.by_ref().take(to - from).read_to_end(&mut content);
        for at in forms.iter().flat_map(|it| it.find_iter(&content)) {
            let end = content.len().min(at + SHOWN);
            found.push(String::from_utf8_lossy(&content[at..end]).into_owned());
        }
    }
    Some(found)
}
