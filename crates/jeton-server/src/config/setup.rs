use std::path::{Path, PathBuf};

use super::{Config, Kind, Loaded, master_key};
use crate::service::doctor::{SettingInForce, Setup};

impl Config {
    /// The settings as the doctor examines them.
    #[must_use]
    pub fn setup(&self) -> Setup {
        let folder = folder(&self.database_url);
        let beside = master_key::default_file(&self.database_url);
        Setup {
            rules: self.rules.clone(),
            cost: self.cost,
            is_https: self.issuer.is_https(),
            is_loopback: self.issuer.is_loopback(),
            has_secret: self.secrets.current.is_some(),
            master_key_beside: folder.is_some()
                && self.master_key.is_none()
                && self.master_key_file == beside,
            folder,
            has_redis: self.redis_url.is_some(),
            has_proxies: !self.trusted_proxies.is_empty(),
            has_address_limit: self.address_limit.is_some(),
            audit_retention: self.audit_retention,
            exposed: self.exposed.clone(),
            settings: self.in_force.clone(),
        }
    }
}

/// The folder of a database that is a file.
fn folder(database_url: &str) -> Option<PathBuf> {
    let path = database_url.strip_prefix("sqlite:")?;
    let path = path.strip_prefix("//").unwrap_or(path);
    let path = path.split('?').next().unwrap_or_default();
    let folder = Path::new(path).parent()?;
    Some(if folder.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        folder.to_owned()
    })
}

/// Every setting as `jeton config` shows it.
pub(super) fn in_force(loaded: &Loaded) -> Vec<SettingInForce> {
    let shown = loaded.effective().map(|(entry, value)| {
        let is_secret = entry.kind == Kind::Secret;
        SettingInForce {
            name: if is_secret { entry.variable() } else { entry.key() },
            is_secret,
            origin: value.as_ref().map(|(_, origin)| *origin),
            value: value.map(|(value, _)| value.into_owned()),
        }
    });
    shown.collect()
}
