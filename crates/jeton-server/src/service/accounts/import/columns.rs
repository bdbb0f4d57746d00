//! Names of a user table's columns, here and in the tables of Flask and Django applications.

/// Columns of a user table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Username,
    PasswordHash,
    Email,
    Roles,
    Claims,
    Id,
    CreatedAt,
    Disabled,
    /// The opposite of disabled.
    Active,
}

pub(super) const COUNT: usize = 9;

/// The names of each column, in lower case with `_` between words. Of several in one table the first counts.
pub(super) const NAMES: [(&str, &[&str]); COUNT] = [
    ("username", &["username", "user_name", "login", "user"]),
    (
        "password hash",
        &[
            "password_hash",
            "hashed_password",
            "passwordhash",
            "pw_hash",
            "encrypted_password",
            "password",
            "hash",
        ],
    ),
    ("e-mail address", &["email", "email_address", "e_mail", "mail"]),
    ("roles", &["roles", "role"]),
    ("custom claims", &["claims"]),
    ("id", &["id", "uuid", "user_id"]),
    (
        "creation time",
        &[
            "created_at",
            "date_joined",
            "created",
            "registered_at",
            "joined_at",
        ],
    ),
    ("whether disabled", &["disabled", "is_disabled", "blocked"]),
    ("whether active", &["active", "is_active", "enabled"]),
];

const COLUMNS: [Column; COUNT] = [
    Column::Username,
    Column::PasswordHash,
    Column::Email,
    Column::Roles,
    Column::Claims,
    Column::Id,
    Column::CreatedAt,
    Column::Disabled,
    Column::Active,
];

/// The column a name stands for, and how late it comes among that column's names.
pub(super) fn find(name: &str) -> Option<(Column, usize)> {
    let name = name.trim().to_lowercase().replace(['-', ' '], "_");
    COLUMNS.into_iter().find_map(|column| {
        let names = NAMES[column as usize].1;
        names
            .iter()
            .position(|known| *known == name)
            .map(|rank| (column, rank))
    })
}

/// The place of each column among these names, and the names that were not used.
pub(super) fn places<'n>(names: impl Iterator<Item = &'n str>) -> ([Option<usize>; COUNT], Vec<&'n str>) {
    let (mut places, mut ranks, mut unused) = ([None; COUNT], [usize::MAX; COUNT], Vec::new());
    let names: Vec<&str> = names.collect();
    for (place, name) in names.iter().enumerate() {
        match find(name) {
            Some((column, rank)) if rank < ranks[column as usize] => {
                unused.extend(places[column as usize].map(|place: usize| names[place]));
                places[column as usize] = Some(place);
                ranks[column as usize] = rank;
            }
            _ => unused.push(*name),
        }
    }
    (places, unused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_found_under_each_of_its_names() {
        for (column, (_, names)) in COLUMNS.into_iter().zip(NAMES) {
            for name in names {
                assert_eq!(find(name).map(|found| found.0), Some(column), "{name}");
                assert_eq!(
                    find(&name.to_uppercase().replace('_', "-")).map(|found| found.0),
                    Some(column),
                    "{name}"
                );
            }
        }
        assert_eq!(find("is_superuser"), None, "a right is never given by accident");
    }

    #[test]
    fn of_two_names_for_one_column_the_better_counts_wherever_it_stands() {
        let (places, unused) = places(["password", "login", "password_hash", "phone", "user"].into_iter());
        assert_eq!(places[Column::PasswordHash as usize], Some(2));
        assert_eq!(places[Column::Username as usize], Some(1));
        assert_eq!(unused, ["password", "phone", "user"]);
    }
}
