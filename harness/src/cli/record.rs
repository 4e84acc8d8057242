//! `spin-harness test --record`: what is recorded, and what is said of it when the run is over.

use super::Outcome;
use super::arguments::TestArguments;
use super::output::Output;
use crate::app::HarnessSettings;
use crate::runner::{Recordings, Written};
use crate::value::plural;
use std::sync::Arc;

/// What records the run, if the command line asks for that.
///
/// # Errors
///
/// Two servers stand for one origin.
pub(super) fn recordings(
    arguments: &TestArguments,
    settings: &HarnessSettings,
) -> Result<Option<Arc<Recordings>>, String> {
    let sources = &arguments.record;
    for (number, source) in sources.iter().enumerate() {
        let origin = source.origin();
        if sources
            .iter()
            .skip(number + 1)
            .any(|other| other.origin() == origin)
        {
            return Err(format!(
                "--record: {origin} is there twice; one server can stand for it"
            ));
        }
    }
    if sources.is_empty() {
        return Ok(None);
    }
    let volatile = settings.volatile_headers.clone();
    Ok(Some(Arc::new(Recordings::new(sources.clone(), volatile))))
}

/// Writes what was recorded, and says so.
pub(super) fn finish(recordings: &Recordings, output: &Output) -> Outcome {
    let (written, failures) = recordings.write();
    let mut outcome = Outcome::Passed;
    if !written.is_empty() {
        let lines: Vec<String> = written.iter().map(line).collect();
        outcome = outcome.worse(output.say(&format!("\n{}", lines.join("\n"))));
    }
    for failure in &failures {
        output.diagnostic(failure);
        outcome = Outcome::Unable;
    }
    outcome
}

fn line(written: &Written) -> String {
    let Written {
        file,
        exchanges,
        kept,
        left_out,
    } = written;
    let file = file.display();
    let mut line = match exchanges - kept {
        0 => format!("nothing recorded in {file}"),
        recorded => format!("recorded {recorded} exchange{} in {file}", plural(recorded)),
    };
    if *kept > 0 {
        line.push_str(&format!("; kept {kept} that were recorded before"));
    }
    if *left_out > 0 {
        line.push_str(&format!(
            "; left out what {left_out} scenario{} asked for that did not pass",
            plural(*left_out)
        ));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_server_stands_for_an_origin() {
        let settings = HarnessSettings::default();
        let server = "https://a.example=http://127.0.0.1:1";
        let other = "https://a.example:443=http://127.0.0.1:2";
        let arguments = TestArguments::of(&["--record", server, "--record", other]);
        let refused = recordings(&arguments, &settings).err().unwrap();
        assert!(
            refused.contains("https://a.example is there twice"),
            "{refused}"
        );
        assert!(
            recordings(&TestArguments::of(&[]), &settings)
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn a_line_says_what_became_of_a_file() {
        let mut written = Written {
            file: "api.toml".into(),
            exchanges: 3,
            kept: 2,
            left_out: 1,
        };
        assert_eq!(
            line(&written),
            "recorded 1 exchange in api.toml; kept 2 that were recorded before; left out what 1 scenario asked for that did not \
             pass"
        );
        written = Written {
            exchanges: 0,
            kept: 0,
            ..written
        };
        assert!(line(&written).starts_with("nothing recorded in api.toml; left out"));
    }
}
