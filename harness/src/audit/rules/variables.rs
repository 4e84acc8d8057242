//! Variables: where secrets go.

use super::{Code, Finding, Subject, quoted};

pub(super) fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let declared = &subject.manifest.variables;
    let is_secret = |name: &&str| declared.get(*name).is_some_and(|it| it.secret);
    let mut found = Vec::new();
    for (component, _) in subject.components() {
        for (variable, template) in &component.variables {
            let mut secrets: Vec<&str> = template.variables().filter(is_secret).collect();
            secrets.sort_unstable();
            secrets.dedup();
            if secrets.is_empty() {
                continue;
            }
            let id = &component.id;
            let message = format!(
                "the secret {} reaches component \"{id}\" as its variable \"{variable}\"",
                quoted(secrets)
            );
            let help =
                "make sure that this component needs it, and that it neither logs nor stores it";
            let span = component.spans.variables.get(variable);
            let finding = Finding::new(Code::SecretVariable, message, help).of(id);
            found.push(finding.at(&subject.manifest.source, &span.cloned().unwrap_or_default()));
        }
    }
    found
}
