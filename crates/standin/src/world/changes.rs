//! What happened since `state.json` was written: a line of JSON for each CSR and each certificate, appended. Writing the whole
//! state at each signing made a signing slower the more there were. The next start reads both files and writes one.

use serde::{Deserialize, Serialize};

use super::state::{State, StoredCertificate, StoredCsr};

/// One line.
#[derive(Serialize, Deserialize)]
pub(super) struct Change {
    pub(super) organization: String,
    #[serde(flatten)]
    pub(super) what: What,
}

/// What is new.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum What {
    Csr(StoredCsr),
    Issued(StoredCertificate),
}

impl Change {
    /// The line, with its end.
    pub(super) fn line(&self) -> Result<String, String> {
        serde_json::to_string(self).map(|line| line + "\n").map_err(|error| error.to_string())
    }

    /// Does to the state what the line tells.
    ///
    /// # Errors
    /// When there is no such organization.
    pub(super) fn apply(self, state: &mut State) -> Result<(), String> {
        let Self { organization: name, what } = self;
        let home = state.organizations.iter_mut().find(|organization| organization.name == name);
        let home = home.ok_or_else(|| format!("there is no organization {name}"))?;
        // A state file that was written after the line holds it already: ids only grow.
        match what {
            What::Csr(csr) if csr.id >= state.next_csr_id => {
                state.next_csr_id = csr.id + 1;
                home.csrs.push(csr);
            }
            What::Issued(issued) if issued.certificate_id >= state.next_certificate_id => {
                state.next_certificate_id = issued.certificate_id + 1;
                home.issued.push(issued);
            }
            What::Csr(_) | What::Issued(_) => {}
        }
        Ok(())
    }
}

/// Applies every line. A last line without an end was cut off by a crash, before anybody was told of it, and is left out.
///
/// # Errors
/// The number of the first line that cannot be read, and why.
pub(super) fn replay(text: &str, state: &mut State) -> Result<(), String> {
    let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
    for (number, line) in (1..).zip(whole.lines()) {
        let change: Change = serde_json::from_str(line).map_err(|error| format!("line {number}: {error}"))?;
        change.apply(state).map_err(|error| format!("line {number}: {error}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::state::HOME_ORGANIZATION;
    use super::*;

    fn line(id: u64) -> String {
        let csr = StoredCsr {
            id,
            common_name: "two\nlines".to_owned(),
            dns_names: Vec::new(),
            key_words: "EC P-256".to_owned(),
            has_key: false,
        };
        Change { organization: HOME_ORGANIZATION.to_owned(), what: What::Csr(csr) }.line().unwrap()
    }

    fn ids(text: &str) -> Vec<u64> {
        let mut state = State::new("T".to_owned());
        replay(text, &mut state).unwrap();
        assert_eq!(state.next_csr_id, 301 + state.organizations[0].csrs.len() as u64);
        state.organizations[0].csrs.iter().map(|csr| csr.id).collect()
    }

    #[test]
    fn a_torn_last_line_is_left_out() {
        let text = line(301) + &line(302);
        assert!(ids("").is_empty());
        for end in 0..=text.len() {
            let whole = text[..end].matches('\n').count();
            assert_eq!(ids(&text[..end]), [301, 302][..whole], "{end}");
        }
    }

    #[test]
    fn what_the_state_file_holds_already_is_not_repeated() {
        assert_eq!(ids(&(line(301) + &line(301) + &line(302))), [301, 302]);
    }

    #[test]
    fn a_whole_line_that_cannot_be_read_is_named() {
        let mut state = State::new("T".to_owned());
        let broken = line(301) + "{}\n" + &line(302);
        assert!(replay(&broken, &mut state).unwrap_err().starts_with("line 2: "));
        let foreign = line(301).replace(HOME_ORGANIZATION, "Nowhere");
        assert!(replay(&foreign, &mut state).unwrap_err().contains("no organization Nowhere"));
    }
}
