//! Who may sign in: names, roles and PINs, in a file beside history.

use std::collections::HashMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use argon2::Argon2;
use argon2::password_hash::rand_core::OsRng;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use model::{Actor, IdentityError, Person, Role};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The file's name in the data directory.
const FILE: &str = "people.toml";
/// A PIN is as many digits. Four is what people remember at a bedside; the lock below makes guessing slow.
const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=12;
/// Wrong PINs of one name before it is locked.
const WRONG_MAX: u32 = 5;
/// How long a name is locked after that: ten thousand PINs take a week, and each is in the log.
const LOCKED_FOR: Duration = Duration::from_mins(5);
/// Most people of one station.
const PEOPLE_MAX: usize = 1_000;

/// Why somebody cannot sign in, or the list cannot be changed.
#[derive(Debug, Error)]
pub enum PeopleError {
    /// Name or PIN do not fit. Which of them is not said.
    #[error("name and PIN do not fit; try again")]
    Wrong,
    /// Too many wrong PINs.
    #[error("too many wrong PINs for this name; wait {} s, or ask whoever is in charge to sign in", .0.as_secs())]
    Locked(Duration),
    /// The name.
    #[error("the name {0}; write it as it is to be shown beside alerts")]
    Name(#[from] IdentityError),
    /// The PIN.
    #[error("a PIN is 4 to 12 digits")]
    Pin,
    /// A name that is there already.
    #[error("there is a {0} already; give a name that tells them apart")]
    Known(Person),
    /// A name that is not there.
    #[error("there is no {0} who could sign in")]
    Unknown(Person),
    /// The last who may manage people.
    #[error("{0} is the last who may say who signs in; add another one in charge first")]
    Last(Person),
    /// More than the station holds.
    #[error("a station knows {PEOPLE_MAX} people at most; remove those who have left")]
    TooMany,
    /// The list could not be read at the start.
    #[error("{0}; then start Wardlight again")]
    Unusable(String),
    /// The file.
    #[error("the list of people {} {what}", .path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What happened and what to do.
        what: String,
    },
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileText {
    #[serde(default)]
    person: Vec<PersonText>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PersonText {
    name: String,
    role: String,
    /// argon2id, in PHC form.
    pin: String,
}

#[derive(Debug)]
struct Known {
    actor: Actor,
    hash: String,
}

/// Everybody who may sign in, and who has tried in vain.
#[derive(Debug)]
pub struct People {
    path: PathBuf,
    known: Vec<Known>,
    wrong: HashMap<Person, (u32, Instant)>,
    /// Why the list cannot be used; the file is then left as it is.
    unusable: Option<String>,
}

impl People {
    /// Reads the list of a data directory; an empty one where there is none.
    pub fn open(data_dir: &Path) -> Result<Self, PeopleError> {
        let path = data_dir.join(FILE);
        let known = match std::fs::read_to_string(&path) {
            Ok(text) => parse(&text).map_err(|what| PeopleError::File {
                path: path.clone(),
                what: format!("cannot be used: {what}; mend it, or move it away to begin a new one"),
            })?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                let what = format!("cannot be read ({error}); give this program the right to read it");
                return Err(PeopleError::File { path, what });
            }
        };
        Ok(Self {
            path,
            known,
            wrong: HashMap::new(),
            unusable: None,
        })
    }

    /// A list that cannot be read: nobody can sign in, nothing is written over it, and the ward is watched all the same.
    pub(crate) fn unusable(data_dir: &Path, why: &PeopleError) -> Self {
        Self {
            path: data_dir.join(FILE),
            known: Vec::new(),
            wrong: HashMap::new(),
            unusable: Some(why.to_string()),
        }
    }

    fn usable(&self) -> Result<(), PeopleError> {
        match &self.unusable {
            Some(why) => Err(PeopleError::Unusable(why.clone())),
            None => Ok(()),
        }
    }

    /// Everybody, in the order in which they were added.
    pub fn all(&self) -> Vec<Actor> {
        self.known.iter().map(|k| k.actor.clone()).collect()
    }

    /// Whether `pin` is that of `name`. Takes some hundredths of a second on purpose: call it where it may block.
    pub fn verify(&mut self, name: &str, pin: &str) -> Result<Actor, PeopleError> {
        self.usable()?;
        let person = Person::new(name)?;
        let now = Instant::now();
        if let Some((count, since)) = self.wrong.get(&person)
            && *count >= WRONG_MAX
        {
            let left = LOCKED_FOR.saturating_sub(now.duration_since(*since));
            if !left.is_zero() {
                return Err(PeopleError::Locked(left + Duration::from_secs(1)));
            }
            self.wrong.remove(&person);
        }
        let known = self.known.iter().find(|k| k.actor.person == person);
        let fits = known.is_some_and(|k| {
            PasswordHash::new(&k.hash).is_ok_and(|h| Argon2::default().verify_password(pin.as_bytes(), &h).is_ok())
        });
        if let Some(known) = known.filter(|_| fits) {
            self.wrong.remove(&person);
            return Ok(known.actor.clone());
        }
        // Names that nobody has are not remembered: they would fill memory, and there is nothing to guess.
        if known.is_some() {
            tracing::warn!(%person, "a wrong PIN");
            let entry = self.wrong.entry(person).or_insert((0, now));
            *entry = (entry.0 + 1, now);
        }
        Err(PeopleError::Wrong)
    }

    /// Adds somebody, or gives one who is there a new PIN and role, and writes the list.
    pub fn put(&mut self, name: &str, role: Role, pin: &str, replace: bool) -> Result<Actor, PeopleError> {
        self.usable()?;
        let person = Person::new(name)?;
        if !PIN_DIGITS.contains(&pin.len()) || !pin.bytes().all(|b| b.is_ascii_digit()) {
            return Err(PeopleError::Pin);
        }
        let at = self.known.iter().position(|k| k.actor.person == person);
        if let Some(at) = at.filter(|_| !alert::rights::may(role, alert::rights::Deed::ManagePeople)) {
            self.others_manage(at)?;
        }
        match (at, replace) {
            (Some(_), false) => return Err(PeopleError::Known(person)),
            (None, true) => return Err(PeopleError::Unknown(person)),
            (None, false) if self.known.len() >= PEOPLE_MAX => return Err(PeopleError::TooMany),
            _ => {}
        }
        let salt = SaltString::generate(&mut OsRng);
        let hash = Argon2::default()
            .hash_password(pin.as_bytes(), &salt)
            .map_err(|error| self.file(format!("could not take the PIN ({error}); try again")))?;
        let known = Known {
            actor: Actor { person, role },
            hash: hash.to_string(),
        };
        let actor = known.actor.clone();
        let before = if let Some(place) = at.and_then(|at| self.known.get_mut(at)) {
            Some(std::mem::replace(place, known))
        } else {
            self.known.push(known);
            None
        };
        if let Err(error) = self.write() {
            // What is not written down is not so.
            match (at.and_then(|at| self.known.get_mut(at)), before) {
                (Some(place), Some(before)) => *place = before,
                _ => drop(self.known.pop()),
            }
            return Err(error);
        }
        self.wrong.remove(&actor.person);
        Ok(actor)
    }

    /// Takes somebody off the list and writes it. What they did stays in the journal.
    pub fn remove(&mut self, name: &str) -> Result<Actor, PeopleError> {
        self.usable()?;
        let person = Person::new(name)?;
        let at = self.known.iter().position(|k| k.actor.person == person);
        let at = at.ok_or_else(|| PeopleError::Unknown(person.clone()))?;
        if self.known.len() > 1 {
            self.others_manage(at)?;
        }
        let gone = self.known.remove(at);
        if let Err(error) = self.write() {
            self.known.insert(at, gone);
            return Err(error);
        }
        Ok(gone.actor)
    }

    /// Whether somebody but `at` may say who signs in: else nobody could any more.
    fn others_manage(&self, at: usize) -> Result<(), PeopleError> {
        let manages = |k: &Known| alert::rights::actor_may(&k.actor, alert::rights::Deed::ManagePeople);
        let is_last = self.known.get(at).is_some_and(manages)
            && !self.known.iter().enumerate().any(|(i, k)| i != at && manages(k));
        match self.known.get(at).filter(|_| is_last) {
            Some(last) => Err(PeopleError::Last(last.actor.person.clone())),
            None => Ok(()),
        }
    }

    fn file(&self, what: String) -> PeopleError {
        PeopleError::File {
            path: self.path.clone(),
            what,
        }
    }

    /// Whole or not at all, readable by this user alone.
    fn write(&self) -> Result<(), PeopleError> {
        let text = FileText {
            person: self
                .known
                .iter()
                .map(|k| PersonText {
                    name: k.actor.person.to_string(),
                    role: k.actor.role.as_str().to_owned(),
                    pin: k.hash.clone(),
                })
                .collect(),
        };
        let written = toml::to_string(&text)
            .map_err(std::io::Error::other)
            .and_then(|text| write_whole(&self.path, &text));
        written.map_err(|error| {
            self.file(format!(
                "cannot be written ({error}); free space, or give the right to write"
            ))
        })
    }
}

fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let new = path.with_extension("toml.new");
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&new, path)
}

fn parse(text: &str) -> Result<Vec<Known>, String> {
    let file: FileText = toml::from_str(text).map_err(|e| e.message().to_owned())?;
    let known = |p: PersonText| {
        let person = Person::new(&p.name).map_err(|e| format!("a name {e}"))?;
        let role = Role::parse(&p.role).ok_or_else(|| format!("{person} has a role that is not known"))?;
        PasswordHash::new(&p.pin).map_err(|_| format!("the PIN of {person} is not readable"))?;
        Ok(Known {
            actor: Actor { person, role },
            hash: p.pin,
        })
    };
    file.person.into_iter().map(known).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_pin_signs_in_and_guessing_is_stopped() {
        let dir = tempfile::tempdir().unwrap();
        let mut people = People::open(dir.path()).unwrap();
        people.put("N. Example", Role::Nurse, "2468", false).unwrap();
        let mut people = People::open(dir.path()).unwrap();
        assert_eq!(people.verify("N. Example", "2468").unwrap().role, Role::Nurse);
        assert!(matches!(people.verify("Nobody", "2468"), Err(PeopleError::Wrong)));
        for _ in 0..WRONG_MAX {
            assert!(matches!(people.verify("N. Example", "1111"), Err(PeopleError::Wrong)));
        }
        assert!(matches!(
            people.verify("N. Example", "2468"),
            Err(PeopleError::Locked(_))
        ));
    }

    #[test]
    fn the_file_holds_no_pin_and_the_last_in_charge_stays() {
        let dir = tempfile::tempdir().unwrap();
        let mut people = People::open(dir.path()).unwrap();
        people.put("C. Example", Role::Charge, "135790", false).unwrap();
        people.put("N. Example", Role::Nurse, "2468", false).unwrap();
        let text = std::fs::read_to_string(dir.path().join(FILE)).unwrap();
        assert!(!text.contains("135790") && text.contains("$argon2id$"), "{text}");
        assert!(matches!(people.remove("C. Example"), Err(PeopleError::Last(_))));
        assert!(matches!(
            people.put("N. Example", Role::Nurse, "2468", false),
            Err(PeopleError::Known(_))
        ));
        assert!(matches!(
            people.put("N. Other", Role::Nurse, "12a4", false),
            Err(PeopleError::Pin)
        ));
        people.put("N. Example", Role::Charge, "97531", true).unwrap();
        people.remove("C. Example").unwrap();
        assert_eq!(people.all().len(), 1);
        assert!(people.verify("N. Example", "97531").is_ok());
    }

    #[test]
    fn a_broken_list_says_what_to_do() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(
            dir.path().join(FILE),
            "[[person]]\nname = \"N\"\nrole = \"king\"\npin = \"x\"\n",
        )
        .unwrap();
        let text = People::open(dir.path()).unwrap_err().to_string();
        assert!(text.contains("N has a role that is not known; mend it"), "{text}");
    }
}
