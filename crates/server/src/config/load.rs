//! From a file and the environment to a [`Config`], or to a sentence that says what to mend.
use std::{fs, path::Path};

use thiserror::Error;
use toml::{Table, Value};

use super::{Config, DEFAULT};
use crate::cli::TOKEN_VARIABLE;

/// Why there is no configuration.
#[derive(Debug, Error)]
pub(crate) enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration file {path}")]
    File {
        path: String,
        #[source]
        source: std::io::Error,
    },
    /// An environment variable that begins with OFFHOOK_ but names nothing.
    #[error("the environment variable {name} names no setting{}", did_you_mean(nearest.as_deref()))]
    UnknownVariable { name: String, nearest: Option<String> },
    /// A key of the file that names nothing.
    #[error("the setting {name} is unknown{}", did_you_mean(nearest.as_deref()))]
    UnknownKey { name: String, nearest: Option<String> },
    /// The file is not TOML, or a value is of the wrong kind.
    #[error("the configuration is not valid: {0}")]
    Invalid(String),
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || "; `offhook default-config` prints all that are known".into(),
        |nearest| format!("; did you mean {nearest}?"),
    )
}

/// Reads the file, then lets the variables override it.
pub(crate) fn load(
    path: Option<&Path>,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let text = match path {
        None => String::new(),
        Some(path) => fs::read_to_string(path)
            .map_err(|source| ConfigError::File { path: path.display().to_string(), source })?,
    };
    parse(&text, variables)
}

/// Reads the text of a configuration, then lets the variables override it.
pub(crate) fn parse(
    text: &str,
    variables: impl Iterator<Item = (String, String)>,
) -> Result<Config, ConfigError> {
    let mut table: Table =
        toml::from_str(text).map_err(|error| ConfigError::Invalid(one_line(error.message())))?;
    check_keys(&table)?;
    for (name, value) in variables.filter(|(name, _)| name.starts_with("OFFHOOK_") && name != TOKEN_VARIABLE)
    {
        set_from_variable(&mut table, &name, value)?;
    }
    Value::Table(table)
        .try_into()
        .map_err(|error: toml::de::Error| ConfigError::Invalid(one_line(error.message())))
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Every setting, as `section.key`: what stands in the default configuration, commented blocks included.
fn known_keys() -> Vec<String> {
    let uncommented: String = DEFAULT
        .lines()
        .map(|line| line.strip_prefix("# ").filter(|rest| is_setting(rest)).unwrap_or(line))
        .fold(String::new(), |text, line| text + line + "\n");
    let table: Table = toml::from_str(&uncommented).expect("the committed default is TOML");
    let mut keys = Vec::new();
    collect("", &table, &mut keys);
    keys
}

/// Whether a commented line shows a setting (`key = value`, `[table]`) and not a sentence.
fn is_setting(line: &str) -> bool {
    let is_word =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    line.starts_with('[') || line.split_once(" = ").is_some_and(|(key, _)| is_word(key))
}

fn collect(prefix: &str, table: &Table, keys: &mut Vec<String>) {
    for (key, value) in table {
        let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
        keys.push(name.clone());
        for table in tables_of(value) {
            collect(&name, table, keys);
        }
    }
}

fn tables_of(value: &Value) -> Vec<&Table> {
    if let Some(table) = value.as_table() {
        return vec![table];
    }
    value.as_array().map(|items| items.iter().filter_map(Value::as_table).collect()).unwrap_or_default()
}

fn check_keys(table: &Table) -> Result<(), ConfigError> {
    let known = known_keys();
    let mut found = Vec::new();
    collect("", table, &mut found);
    match found.into_iter().find(|name| !known.contains(name)) {
        None => Ok(()),
        Some(name) => {
            let nearest = nearest(&name, known.iter().map(String::as_str));
            Err(ConfigError::UnknownKey { name, nearest })
        }
    }
}

/// The known name that a person most likely meant, if any is near enough.
fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(name, candidate), candidate))
        .min()
        .filter(|(distance, _)| *distance <= name.len() / 2)
        .map(|(_, candidate)| candidate.to_owned())
}

fn set_from_variable(table: &mut Table, name: &str, value: String) -> Result<(), ConfigError> {
    let known: Vec<(String, String)> = known_keys()
        .into_iter()
        .filter(|key| key.contains('.') && !key.starts_with("apps"))
        .map(|key| (format!("OFFHOOK_{}", key.replace('.', "_").to_uppercase()), key))
        .collect();
    let Some((_, key)) = known.iter().find(|(variable, _)| variable == name) else {
        let nearest = nearest(name, known.iter().map(|(variable, _)| variable.as_str()));
        return Err(ConfigError::UnknownVariable { name: name.into(), nearest });
    };
    let (section, key) = key.split_once('.').expect("only dotted keys were kept");
    let section = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
    let Some(section) = section.as_table_mut() else {
        return Err(ConfigError::Invalid(format!("{key} needs a table around it")));
    };
    section.insert(key.into(), scalar(value));
    Ok(())
}

/// Reads whole numbers and booleans as such, and others with a point; anything else is text.
fn scalar(text: String) -> Value {
    if let Ok(number) = text.parse::<i64>() {
        return Value::Integer(number);
    }
    if let (true, Ok(number)) = (text.contains('.'), text.parse::<f64>()) {
        return Value::Float(number);
    }
    text.parse::<bool>().map_or(Value::String(text), Value::Boolean)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn none() -> impl Iterator<Item = (String, String)> {
        std::iter::empty()
    }

    fn variable(name: &str, value: &str) -> impl Iterator<Item = (String, String)> {
        std::iter::once((name.to_owned(), value.to_owned()))
    }

    #[test]
    fn the_printed_default_is_the_default_of_the_code() {
        let printed = parse(DEFAULT, none()).expect("valid");
        let coded = Config::default();
        assert_eq!(toml::to_string(&printed).expect("plain"), toml::to_string(&coded).expect("plain"));
    }

    #[test]
    fn every_commented_setting_of_the_default_is_one_that_the_code_knows() {
        let text: String = DEFAULT
            .lines()
            .map(|line| line.strip_prefix("# ").filter(|rest| is_setting(rest)).unwrap_or(line))
            .fold(String::new(), |text, line| text + line + "\n");
        let config = parse(&text, none()).expect("valid");
        assert_eq!(config.apps.len(), 1);
        assert_eq!(config.apps[0].keys.len(), 1);
        let (shown, coded) = (&config.apps[0].calls, super::super::CallRules::default());
        assert_eq!(toml::to_string(shown).expect("plain"), toml::to_string(&coded).expect("plain"));
        let (shown, coded) = (&config.apps[0].rooms, super::super::RoomRules::default());
        assert_eq!(toml::to_string(shown).expect("plain"), toml::to_string(&coded).expect("plain"));
    }

    #[test]
    fn an_unknown_setting_is_an_error_that_names_the_nearest_one() {
        let error = parse("[server]\nlisen = \"127.0.0.1:1\"", none()).expect_err("unknown");
        assert_eq!(error.to_string(), "the setting server.lisen is unknown; did you mean server.listen?");
        let error = parse("[[apps]]\nid = 1\n[apps.calls]\nbussy = \"ring\"", none()).expect_err("unknown");
        assert_eq!(
            error.to_string(),
            "the setting apps.calls.bussy is unknown; did you mean apps.calls.busy?"
        );
    }

    #[test]
    fn an_unknown_variable_is_an_error_that_names_the_nearest_one() {
        let error = parse("", variable("OFFHOOK_SERVER_LISEN", "x")).expect_err("unknown");
        assert!(error.to_string().ends_with("did you mean OFFHOOK_SERVER_LISTEN?"), "{error}");
    }

    #[test]
    fn a_variable_overrides_the_file() {
        let text = "[session]\nheartbeat_s = 5";
        let config = parse(text, variable("OFFHOOK_SESSION_HEARTBEAT_S", "7")).expect("valid");
        assert_eq!(config.session.heartbeat_s, 7);
    }

    #[test]
    fn a_value_of_the_wrong_kind_is_an_error() {
        let error = parse("[server]\nmax_connections = \"many\"", none()).expect_err("wrong kind");
        assert!(error.to_string().contains("not valid"), "{error}");
    }
}
