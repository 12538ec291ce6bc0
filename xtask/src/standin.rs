//! A running stand-in, as tasks use it: started, waited for by its ready file, and described for people.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::services::{Output, Services};

/// It makes keys and certificates first.
const START: Duration = Duration::from_secs(60);

/// What a stand-in says of itself in ready.json.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ready {
    pub(crate) url: String,
    pub(crate) ca_file: PathBuf,
    pub(crate) token: String,
    /// Common name and serial number.
    pub(crate) roots: Vec<(String, String)>,
    /// Id and common name.
    pub(crate) csrs: Vec<(String, String)>,
}

/// Starts a stand-in that keeps its things in `data`, and waits until it serves.
pub(crate) fn start(services: &mut Services, program: &Path, data: &Path) -> Result<Ready> {
    fs::create_dir_all(data)?;
    let ready = data.join("ready.json");
    // One from an earlier run would be believed at once.
    if ready.exists() {
        fs::remove_file(&ready)?;
    }
    let mut command = Command::new(program);
    command.args(["--listen", "127.0.0.1:0", "--data-dir"]).arg(data);
    services.start("the stand-in", &mut command, &Output::Log(&data.join("standin.log")))?;
    services.wait_for("the stand-in's ready file", START, || {
        fs::read_to_string(&ready).ok().and_then(|text| parse(&text).ok())
    })
}

fn parse(text: &str) -> Result<Ready> {
    let json: Value = serde_json::from_str(text)?;
    let word = |value: &Value, key: &str| match &value[key] {
        Value::String(text) => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(anyhow::anyhow!("ready.json lacks {key}")),
    };
    let pairs = |list: &str, first: &str, second: &str| -> Result<Vec<(String, String)>> {
        let rows = json[list].as_array().with_context(|| format!("ready.json lacks {list}"))?;
        rows.iter().map(|row| Ok((word(row, first)?, word(row, second)?))).collect()
    };
    Ok(Ready {
        url: word(&json, "url")?,
        ca_file: word(&json, "ca_file")?.into(),
        token: word(&json, "token")?,
        roots: pairs("roots", "common_name", "serial_number")?,
        csrs: pairs("csrs", "id", "common_name")?,
    })
}

/// What there is to type, as two tables.
pub(crate) fn table(ready: &Ready) -> String {
    let mut text = String::new();
    rows(&mut text, ("waiting CSR", "common name"), &ready.csrs);
    text.push('\n');
    rows(&mut text, ("issuer (root certificate)", "serial number"), &ready.roots);
    text
}

fn rows(text: &mut String, heading: (&str, &str), rows: &[(String, String)]) {
    let lengths = rows.iter().map(|(left, _)| left.chars().count());
    let width = lengths.chain([heading.0.len()]).max().unwrap_or_default();
    let heading = (heading.0.to_owned(), heading.1.to_owned());
    for (left, right) in std::iter::once(&heading).chain(rows) {
        text.push_str(&format!("  {left:width$}   {right}\n"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READY: &str = r#"{"url":"https://127.0.0.1:1","ca_file":"/tmp/ca.pem","token":"t",
        "roots":[{"common_name":"testroot","serial_number":"1879376424c"}],
        "csrs":[{"id":303,"common_name":"www.example.test"},{"id":"304","common_name":"b"}]}"#;

    #[test]
    fn ids_are_read_as_numbers_or_texts() {
        let ready = parse(READY).unwrap();
        assert_eq!(ready.csrs, [("303".into(), "www.example.test".into()), ("304".into(), "b".into())]);
        assert_eq!(ready.roots, [("testroot".into(), "1879376424c".into())]);
    }

    #[test]
    fn half_a_ready_file_is_no_answer() {
        assert!(parse(&READY[..READY.len() / 2]).is_err());
        assert!(parse("{}").unwrap_err().to_string().contains("url"));
    }

    #[test]
    fn the_table_lines_up() {
        let table = table(&parse(READY).unwrap());
        assert_eq!(
            table,
            "  waiting CSR   common name\n  303           www.example.test\n  304           b\n\n  \
             issuer (root certificate)   serial number\n  testroot                    1879376424c\n"
        );
    }
}
