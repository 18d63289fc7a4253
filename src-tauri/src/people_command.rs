//! `wardlight people`: the list of those who may sign in, from the command line.

use station::people::People;

use crate::Failure;
use crate::cli::{PeopleArguments, PeopleVerb};

/// Lists or changes it.
pub fn run(arguments: &PeopleArguments) -> Result<(), Failure> {
    std::fs::create_dir_all(&arguments.data)
        .map_err(|e| format!("the data directory {} cannot be made: {e}", arguments.data.display()))?;
    let mut people = People::open(&arguments.data)?;
    let done = match &arguments.verb {
        PeopleVerb::List => None,
        PeopleVerb::Add { name, role } => Some(people.put(name, *role, &pin()?, false)?),
        PeopleVerb::Change { name, role } => Some(people.put(name, *role, &pin()?, true)?),
        PeopleVerb::Remove { name } => Some(people.remove(name)?),
    };
    let rows = done.map_or_else(|| people.all(), |one| vec![one]);
    for actor in rows {
        println!("{}\t{}", actor.person, actor.role.as_str());
    }
    Ok(())
}

/// One line from standard input: a PIN on the command line would stand in the list of processes.
fn pin() -> Result<String, Failure> {
    let mut line = String::new();
    std::io::stdin()
        .read_line(&mut line)
        .map_err(|e| format!("the PIN cannot be read from standard input: {e}"))?;
    Ok(line.trim().to_owned())
}
