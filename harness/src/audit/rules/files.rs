//! Mounted files: those that look like secrets, and those that are not the app's own.

use std::path::Path;

use super::{Code, Finding, Subject};
use crate::app::Component;

/// Names of files that keep secrets, as people and tools choose them; `*` is any text. Lower case.
const SECRETS: [&str; 28] = [
    ".env",
    ".env.*",
    "*.env",
    "*.pem",
    "*.key",
    "*.p12",
    "*.pfx",
    "*.jks",
    "*.keystore",
    "*.kdbx",
    "id_rsa",
    "id_dsa",
    "id_ecdsa",
    "id_ed25519",
    ".npmrc",
    ".netrc",
    ".pgpass",
    ".htpasswd",
    ".git-credentials",
    "credentials",
    "credentials.*",
    "secret.*",
    "secrets.*",
    "runtime-config.toml",
    "service-account.json",
    "kubeconfig",
    "*.tfstate",
    ".aws_credentials",
];

/// Templates of secrets, which hold none.
const EXAMPLES: [&str; 3] = [".env.example", ".env.sample", ".env.template"];

pub(super) fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    let root = std::fs::canonicalize(&subject.manifest.root).ok();
    let config = subject.config.source.as_ref();
    let config = config.and_then(|source| std::fs::canonicalize(source.name()).ok());
    for (component, _) in subject.components() {
        let (excluded, refused): (Vec<_>, Vec<_>) = component
            .exclude_files
            .iter()
            .cloned()
            .partition(|pattern| glob::Pattern::new(&pattern.value).is_ok());
        for pattern in refused {
            let message = format!(
                "`exclude_files` has \"{}\", which is no pattern",
                pattern.value
            );
            let help = "correct it, or take it out; `*`, `?` and `[…]` have a meaning in it";
            let finding = Finding::new(Code::RefusedManifest, message, help).of(&component.id);
            found.push(finding.at(&subject.manifest.source, &pattern.span));
        }
        // Each by itself, so that every file is known by the entry that mounts it.
        for mount in &component.files {
            let alone = Component {
                files: vec![mount.clone()],
                exclude_files: excluded.clone(),
                ..component.clone()
            };
            let id = &component.id;
            let files = match subject.manifest.resolve_files(&alone) {
                Ok(files) => files,
                Err(error) => {
                    let problems = error.problems().filter_map(super::problems::finding);
                    found.extend(problems.map(|finding| finding.of(id)));
                    continue;
                }
            };
            let secrets: Vec<&str> = files
                .iter()
                .filter(|file| {
                    // The runtime config has tokens and passwords, whatever it is called.
                    let is_config = || std::fs::canonicalize(&file.host).ok() == config;
                    is_secret(&file.host) || config.is_some() && is_config()
                })
                .map(|file| file.guest.as_str())
                .collect();
            let outside: Vec<&str> = files
                .iter()
                .filter(|file| {
                    let real = std::fs::canonicalize(&file.host);
                    let inside = real.ok().zip(root.as_ref());
                    inside.is_some_and(|(real, root)| !real.starts_with(root))
                })
                .map(|file| file.guest.as_str())
                .collect();
            if let Some(names) = some_of(&secrets) {
                let message =
                    format!("component \"{id}\" sees {names}: by the name it keeps a secret");
                let help = "take it out of `files`, or name it in `exclude_files`; \
                            give secrets as application variables";
                let finding = Finding::new(Code::SecretFile, message, help).of(id);
                found.push(finding.at(&subject.manifest.source, &mount.span));
            }
            if let Some(names) = some_of(&outside) {
                let message = format!(
                    "component \"{id}\" sees {names} through a link that leads out of the app's folder"
                );
                let help = "copy what it leads to into the app's folder";
                let finding = Finding::new(Code::OutsideFile, message, help).of(id);
                found.push(finding.at(&subject.manifest.source, &mount.span));
            }
        }
    }
    found
}

/// The first of some names, and how many more there are.
fn some_of(names: &[&str]) -> Option<String> {
    let (first, others) = names.split_first()?;
    Some(match others.len() {
        0 => (*first).to_owned(),
        more => format!("{first} and {more} more"),
    })
}

fn is_secret(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return false;
    };
    let name = name.to_lowercase();
    let fits = |pattern: &&str| match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(end), _) => name.ends_with(end),
        (_, Some(start)) => name.starts_with(start),
        (None, None) => name == **pattern,
    };
    SECRETS.iter().any(fits) && !EXAMPLES.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_names() {
        for name in [
            ".env",
            ".env.local",
            "prod.env",
            "tls/server.KEY",
            "id_rsa",
            "secrets.yaml",
        ] {
            assert!(is_secret(Path::new(name)), "{name}");
        }
        for name in [
            "index.html",
            ".env.example",
            "keyboard.js",
            "environment.md",
            "my-secrets",
        ] {
            assert!(!is_secret(Path::new(name)), "{name}");
        }
    }
}
