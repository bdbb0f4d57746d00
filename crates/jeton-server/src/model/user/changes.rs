//! Changes an administrator makes to a user, and their effect.

use super::User;
use crate::model::{claims::CustomClaims, email::EmailAddress, role::Role};

/// Changes asked for; a field that is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    pub roles: Option<Vec<Role>>,
    pub claims: Option<CustomClaims>,
    /// `Some(None)` clears it.
    pub email: Option<Option<EmailAddress>>,
    pub disabled: Option<bool>,
}

/// Differences that the changes made.
#[derive(Debug, Default)]
pub struct Effect {
    pub roles_added: Vec<Role>,
    pub roles_removed: Vec<Role>,
    pub claims: bool,
    pub email: bool,
    /// Whether the user has been disabled or enabled.
    pub disabled: Option<bool>,
    /// Whether access tokens are out that say more than the user may do now, and have to be revoked.
    pub revokes: bool,
}

impl Effect {
    /// Whether anything but `disabled` became different.
    #[must_use]
    pub fn changes_the_record(&self) -> bool {
        self.claims || self.email || !self.roles_added.is_empty() || !self.roles_removed.is_empty()
    }
}

impl User {
    /// Makes the changes and gives their effect.
    pub fn change(&mut self, changes: Changes) -> Effect {
        let mut effect = Effect::default();
        if let Some(roles) = changes.roles {
            self.change_roles(roles, &mut effect);
        }
        if let Some(claims) = changes.claims.filter(|claims| *claims != self.claims) {
            // An added claim revokes nothing: the next token has it.
            effect.revokes |= !claims.keep_all_of(&self.claims);
            effect.claims = true;
            self.claims = claims;
        }
        if let Some(email) = changes.email.filter(|email| *email != self.email) {
            effect.email = true;
            self.email = email;
        }
        if let Some(disabled) = changes.disabled.filter(|disabled| *disabled != self.disabled) {
            effect.disabled = Some(disabled);
            self.disabled = disabled;
        }
        effect
    }

    fn change_roles(&mut self, mut roles: Vec<Role>, effect: &mut Effect) {
        roles.sort();
        roles.dedup();
        let missing_in = |others: &[Role], these: &[Role]| -> Vec<Role> {
            these
                .iter()
                .filter(|role| !others.contains(role))
                .cloned()
                .collect()
        };
        effect.roles_added = missing_in(&self.roles, &roles);
        effect.roles_removed = missing_in(&roles, &self.roles);
        effect.revokes |= !effect.roles_removed.is_empty();
        self.roles = roles;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        id::UserId,
        time::Timestamp,
        user::{DeviceEpoch, UserVersion},
        username::Username,
    };

    fn user() -> User {
        User {
            id: UserId::from_bytes([1; 16]),
            username: Username::parse("Romel").unwrap(),
            email: None,
            roles: roles(&["editor", "reader"]),
            claims: CustomClaims::parse(r#"{"tenant":"blue"}"#).unwrap(),
            version: UserVersion(3),
            device_epoch: DeviceEpoch(0),
            disabled: false,
            created_at: Timestamp::from_seconds(0),
            locale: None,
        }
    }

    fn roles(names: &[&str]) -> Vec<Role> {
        names.iter().map(|name| name.parse().unwrap()).collect()
    }

    #[test]
    fn the_same_again_changes_nothing() {
        let mut user = user();
        let effect = user.change(Changes {
            roles: Some(roles(&["reader", "editor", "reader"])),
            claims: Some(user.claims.clone()),
            email: Some(None),
            disabled: Some(false),
        });
        assert!(!effect.changes_the_record() && !effect.revokes && effect.disabled.is_none());
        assert_eq!(user.roles, roles(&["editor", "reader"]));
    }

    #[test]
    fn what_is_taken_away_revokes_and_what_is_added_does_not() {
        let claims = |text| CustomClaims::parse(text).unwrap();
        for (changes, revokes) in [
            (
                Changes {
                    roles: Some(roles(&["admin", "editor", "reader"])),
                    ..Changes::default()
                },
                false,
            ),
            (
                Changes {
                    roles: Some(roles(&["admin", "editor"])),
                    ..Changes::default()
                },
                true,
            ),
            (
                Changes {
                    claims: Some(claims(r#"{"tenant":"blue","plan":"free"}"#)),
                    ..Changes::default()
                },
                false,
            ),
            (
                Changes {
                    claims: Some(claims(r#"{"tenant":"red"}"#)),
                    ..Changes::default()
                },
                true,
            ),
            (
                Changes {
                    email: Some(Some("romel@example.org".parse().unwrap())),
                    ..Changes::default()
                },
                false,
            ),
        ] {
            let effect = user().change(changes.clone());
            assert!(effect.changes_the_record());
            assert_eq!(effect.revokes, revokes, "{changes:?}");
        }
    }

    #[test]
    fn roles_are_told_apart_by_what_came_and_what_went() {
        let mut user = user();
        let effect = user.change(Changes {
            roles: Some(roles(&["reader", "admin"])),
            ..Changes::default()
        });
        assert_eq!(effect.roles_added, roles(&["admin"]));
        assert_eq!(effect.roles_removed, roles(&["editor"]));
        assert!(user.is_admin());
    }
}
