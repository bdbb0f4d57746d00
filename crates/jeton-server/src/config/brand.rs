use std::path::Path;

use super::{ConfigError, Issuer, Loaded, settings};
use crate::model::brand::{Accent, Brand, Links, Logo};

/// Reads the brand that the pages show; none where there are no pages.
pub(super) fn read(loaded: &Loaded, issuer: &Issuer) -> Result<Option<Brand>, ConfigError> {
    let standard = Brand::of(issuer.host());
    let logo = loaded.optional(&settings::BRAND_LOGO)?;
    let links = loaded.optional(&settings::BRAND_LINKS)?;
    let brand = Brand {
        name: loaded.optional(&settings::BRAND_NAME)?.unwrap_or(standard.name),
        host: standard.host,
        logo: logo.map(|file| read_logo(loaded, &file)).transpose()?,
        accent: loaded.optional(&settings::BRAND_COLOR)?.map(Accent::near),
        links: links.map_or_else(Vec::new, |Links(links)| links),
    };
    Ok(loaded.value(&settings::PAGES)?.then_some(brand))
}

fn read_logo(loaded: &Loaded, file: &Path) -> Result<Logo, ConfigError> {
    let read = std::fs::read(file).map_err(|error| error.to_string());
    let logo = read.and_then(|bytes| Logo::new(bytes).map_err(|error| error.to_string()));
    logo.map_err(|problem| loaded.wrong(&settings::BRAND_LOGO, &format!("cannot be shown: {problem}")))
}
