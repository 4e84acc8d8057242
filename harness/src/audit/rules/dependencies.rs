//! Dependencies that act with the permissions of the component that uses them.

use super::{Code, Finding, Subject};
use crate::audit::Inherits;

pub(super) fn find(subject: &Subject<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (component, audited) in subject.components() {
        for dependency in &audited.dependencies {
            let what = match &dependency.inherits {
                Inherits::Nothing => continue,
                Inherits::Everything => "every permission".to_owned(),
                Inherits::Fields(fields) if fields.is_empty() => continue,
                Inherits::Fields(fields) => format!("`{}`", fields.join("`, `")),
            };
            let uses = dependency.reach.services.iter();
            let uses: Vec<&str> = uses
                .filter(|(service, _)| {
                    service.import_means_use() && dependency.inherits.includes(service.grant())
                })
                .map(|(service, _)| service.name())
                .collect();
            let uses = match (&dependency.binary, uses.as_slice()) {
                (Err(_), _) => "what it uses of that is not known".to_owned(),
                (Ok(_), []) => "it imports nothing that could use that".to_owned(),
                (Ok(_), uses) => format!("of that it imports {}", uses.join(", ")),
            };
            let id = &component.id;
            let message = format!(
                "the dependency \"{}\" inherits {what} of component \"{id}\"; {uses}",
                dependency.name
            );
            let help = match dependency.inherits {
                Inherits::Everything => {
                    "name the fields that it needs: `inherit_configuration = [\"key_value_stores\"]`"
                }
                _ => "make sure that it needs them, and that you trust it with them",
            };
            let mut finding = Finding::new(Code::InheritedPermissions, message, help).of(id);
            finding.place = Some(dependency.place.clone());
            found.push(finding);
        }
    }
    found
}
