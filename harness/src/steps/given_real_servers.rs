//! Given steps about real servers that statements are passed on to.

use super::given_statements::server_of;
use super::{Failed, World};
use crate::sandbox::{DatabaseServer, DatabaseServers, RealServer};
use crate::value::visible;
use cucumber::given;

/// A real server that a scenario names, with a copy of its database already made: what keeps it from being used is told at
/// the step that names it.
#[derive(Clone, Debug)]
pub(super) struct PassedOn {
    /// The address at which guests meet it: any where none is said.
    at: Option<String>,
    server: RealServer,
}

impl PassedOn {
    /// Has statements go there.
    pub fn put_in_force(self, servers: &mut DatabaseServers) -> Result<(), Failed> {
        match self.at {
            None => servers.pass_on(self.server),
            Some(at) => servers.pass_on_at(&at, self.server)?,
        }
        Ok(())
    }
}

#[given(regex = r#"^(Postgres|MySQL) at "((?:[^"\\]|\\.)*)"$"#)]
fn is_at(world: &mut World, server: String, url: String) -> Result<(), Failed> {
    world.pass_on(&server, None, &url)
}

#[given(
    regex = r#"^(Postgres|MySQL) at "((?:[^"\\]|\\.)*)" is the real server at "((?:[^"\\]|\\.)*)"$"#
)]
fn is_the_real_server(
    world: &mut World,
    server: String,
    at: String,
    url: String,
) -> Result<(), Failed> {
    world.pass_on(&server, Some(&at), &url)
}

impl World {
    fn pass_on(&mut self, server: &str, at: Option<&str>, url: &str) -> Result<(), Failed> {
        let server = server_of(server);
        let variable = |name: &str| std::env::var(name).ok();
        let passed_on = PassedOn {
            at: at.map(|at| self.text(at)).transpose()?,
            server: RealServer::new(server, &with_variables(server, &self.text(url)?, variable)?)?,
        };
        match self.started() {
            Some(session) => {
                session.with_database_servers(|servers| passed_on.put_in_force(servers))
            }
            None => {
                self.arrangement.real_servers.push(passed_on);
                Ok(())
            }
        }
    }
}

/// A text with the values of the environment variables that it names, `$NAME`, all in capitals. Whatever else a `$` stands
/// before is left: it may be part of a password.
fn with_variables(
    server: DatabaseServer,
    text: &str,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<String, Failed> {
    let mut parts = text.split('$');
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = part.find(|c| !is_of_name(c)).unwrap_or(part.len());
        let (name, rest) = part.split_at(end);
        let is_name = !name.contains(|c: char| c.is_ascii_lowercase());
        if name.is_empty() || !is_name || name.starts_with(|c: char| c.is_ascii_digit()) {
            all.push('$');
            all.push_str(part);
            continue;
        }
        let value = variable(name).filter(|value| !value.is_empty());
        let value = value.ok_or_else(|| {
            let advice = match text.strip_prefix('$') == Some(name) {
                true => format!(
                    "the address of the real server is in it, such as {name}={}://USER:PASSWORD@localhost/DATABASE",
                    server.scheme()
                ),
                false => "a `$` that is meant as it is, is written `%24`".to_owned(),
            };
            Failed::new(format!(
                "the environment variable {name} is not set, or empty; {advice}"
            ))
        })?;
        all.push_str(&value);
        all.push_str(rest);
    }
    match all.trim().is_empty() {
        true => Err(Failed::new(format!(
            "\"{}\" is no address of a real server",
            visible(text)
        ))),
        false => Ok(all),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_stand_for_their_values() {
        let variable = |name: &str| match name {
            "URL" => Some("postgres://u:$x@h/db".to_owned()),
            "PORT_2" => Some("5432".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let of = |text: &str| with_variables(DatabaseServer::Postgres, text, variable);
        assert_eq!(of("$URL").unwrap(), "postgres://u:$x@h/db");
        assert_eq!(
            of("postgres://h:$PORT_2/db").unwrap(),
            "postgres://h:5432/db"
        );
        assert_eq!(of("a$/b$1").unwrap(), "a$/b$1");
        let unset = of("postgres://$HOST").unwrap_err().to_string();
        assert!(
            unset.contains("the environment variable HOST is not set") && unset.contains("%24"),
            "{unset}"
        );
        for password in ["pa$word", "pa$Word", "$PORT_2x"] {
            let url = format!("postgres://u:{password}@h");
            assert_eq!(of(&url).unwrap(), url);
        }
        assert!(of("$EMPTY").is_err());
    }
}
