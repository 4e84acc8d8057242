//! Given steps about the app and the world it runs in.

use super::world::{joined, number, quoted};
use super::{Failed, World};
use crate::runner::ConfigKey;
use crate::sandbox::{Bounds, Seed};
use crate::storage::Limits;
use crate::trigger::Request;
use crate::value::{parse_duration, unescape};
use cucumber::gherkin::Step;
use cucumber::given;
use std::time::Duration;

#[given(expr = "the app {string}")]
fn the_app(world: &mut World, path: String) -> Result<(), Failed> {
    let path = joined(world.base_dir()?, &world.text(&path)?);
    world.arranging("the app")?.app = Some(path);
    Ok(())
}

#[given(expr = "the build profile {string}")]
fn build_profile(world: &mut World, name: String) -> Result<(), Failed> {
    let name = world.text(&name)?;
    world.arranging("the build profile")?.profile = Some(name);
    Ok(())
}

#[given(expr = "the runtime config {string}")]
fn runtime_config_file(world: &mut World, path: String) -> Result<(), Failed> {
    let path = joined(world.base_dir()?, &world.text(&path)?);
    world.arranging("the runtime config")?.runtime_config = Some(ConfigKey::File(path));
    Ok(())
}

#[given(expr = "the runtime config:")]
fn runtime_config(world: &mut World, step: &Step) -> Result<(), Failed> {
    let text = world.doc_string(step)?;
    let feature = world.context()?.feature_path.display().to_string();
    let name = format!("runtime config in {feature}:{}", step.position.line);
    world.arranging("the runtime config")?.runtime_config = Some(ConfigKey::Inline(name, text));
    Ok(())
}

#[given(expr = "the variable {string} is {string}")]
fn variable_is(world: &mut World, name: String, value: String) -> Result<(), Failed> {
    let (name, value) = (world.text(&name)?, world.text(&value)?);
    world
        .arranging("an application variable")?
        .variables
        .insert(name, value);
    Ok(())
}

#[given(expr = "the environment variable {string} is {string}")]
fn environment_variable_is(world: &mut World, name: String, value: String) -> Result<(), Failed> {
    let (name, value) = (world.text(&name)?, world.text(&value)?);
    if name.is_empty() || name.contains(['=', '\0']) {
        return Err(Failed::new(format!(
            "{name:?} can't be the name of an environment variable"
        )));
    }
    world
        .arranging("an environment variable")?
        .environment
        .push((name, value));
    Ok(())
}

#[given(expr = "instances are reused")]
fn instances_are_reused(world: &mut World) -> Result<(), Failed> {
    world.arranging("the reuse of instances")?.reuse_instances = true;
    Ok(())
}

#[given(expr = "the random seed is {int}")]
fn seed_is(world: &mut World, seed: String) -> Result<(), Failed> {
    let seed = number(
        &seed,
        "a seed: expected a number from 0 to 18446744073709551615",
    )?;
    world.arranging("the random seed")?.seed = Some(Seed(seed));
    Ok(())
}

#[given(expr = "the time is {string}")]
fn time_is(world: &mut World, time: String) -> Result<(), Failed> {
    let time = world.text(&time)?;
    let since_epoch = parse_time(&time).ok_or_else(|| {
        Failed::new(format!(
            "{time:?} is no time from 1970 on; expected one such as \"2026-01-01T00:00:00Z\""
        ))
    })?;
    world.arranging("the time")?.time = Some(since_epoch);
    Ok(())
}

#[given(expr = "the key-value limits are {string}")]
fn limits_are(world: &mut World, limits: String) -> Result<(), Failed> {
    let limits = match world.text(&limits)?.as_str() {
        "documented" => Limits::Documented,
        "none" => Limits::None,
        other => {
            return Err(Failed::new(format!(
                "{other:?} are no key-value limits; there are \"documented\" and \"none\""
            )));
        }
    };
    world.arranging("the key-value limits")?.limits = Some(limits);
    Ok(())
}

#[given(expr = "the {word} bound is {string}")]
fn bound_is(world: &mut World, name: String, value: String) -> Result<(), Failed> {
    let value = world.text(&value)?;
    let of_run = world.options()?.bounds;
    let bounds = world.arranging("a bound")?.bounds.get_or_insert(of_run);
    set_bound(bounds, &name, &value)
}

#[given(expr = "the client address is {string}")]
fn client_address_is(world: &mut World, address: String) -> Result<(), Failed> {
    let address = world.text(&address)?;
    if address.parse::<std::net::SocketAddr>().is_err() {
        return Err(Failed::new(format!(
            "{address:?} is no client address; expected an address and a port such as \"127.0.0.1:1\""
        )));
    }
    world.arranging("the client address")?.client_address = Some(address);
    Ok(())
}

#[given(expr = "the authority is {string}")]
fn authority_is(world: &mut World, authority: String) -> Result<(), Failed> {
    let authority = world.text(&authority)?;
    if authority.parse::<http::uri::Authority>().is_err() {
        return Err(Failed::new(format!(
            "{authority:?} is no authority; expected a host, or a host and a port, such as \"localhost:3000\""
        )));
    }
    world.arranging("the authority")?.authority = Some(authority);
    Ok(())
}

#[given(expr = "every request has the header {string} with {string}")]
fn every_request_has(world: &mut World, name: String, value: String) -> Result<(), Failed> {
    // What is remembered may not be known yet, and may change: it is filled in whenever a request is sent.
    let (name, value) = (world.text(&name)?.to_ascii_lowercase(), unescape(&value));
    // Checked now as far as possible, so that this step fails and not the one that sends.
    Request::new("GET", "/")?.header(&name, &value)?;
    world.headers.retain(|(other, _)| *other != name);
    world.headers.push((name, value));
    Ok(())
}

/// Sets the bound of that name: `compute` to a duration or an amount of fuel, `time` to a
/// duration, the others to a size.
///
/// # Errors
///
/// There is no such bound, or the value is no duration or no size.
pub fn set_bound(bounds: &mut Bounds, name: &str, value: &str) -> Result<(), Failed> {
    let size = || {
        crate::app::parse_size(value).ok_or_else(|| {
            Failed::new(format!(
                "{value:?} is no size; expected one such as \"64 MiB\" or \"512 bytes\""
            ))
        })
    };
    match name {
        "compute" => {
            bounds.fuel = match value.parse() {
                Ok(fuel) => fuel,
                Err(_) => fuel_for(parse_duration(value).map_err(Failed::explained)?),
            };
        }
        "memory" => bounds.memory = size()?,
        "response" => bounds.response = size()?,
        "log" => bounds.log = size()?,
        "time" => bounds.time = parse_duration(value).map_err(Failed::explained)?,
        _ => {
            let names = ["compute", "memory", "response", "log", "time"];
            return Err(Failed::new(format!(
                "there is no bound `{name}`; there are {}",
                quoted(names)
            )));
        }
    }
    Ok(())
}

/// The fuel that stands for so much computing, as the default stands for five seconds.
fn fuel_for(time: Duration) -> u64 {
    let for_five_seconds = u128::from(Bounds::default().fuel);
    let fuel = time.as_millis().saturating_mul(for_five_seconds) / 5_000;
    u64::try_from(fuel).unwrap_or(u64::MAX)
}

/// A time of RFC 3339 as time since the Unix epoch; `None` for any other text and before the epoch.
fn parse_time(text: &str) -> Option<Duration> {
    // TOML's date and time are those of RFC 3339.
    let time: toml::value::Datetime = text.trim().parse().ok()?;
    let (date, clock, offset) = (time.date?, time.time?, time.offset?);
    let days = days_since_epoch(date.year.into(), date.month.into(), date.day.into());
    let offset = match offset {
        toml::value::Offset::Z => 0,
        toml::value::Offset::Custom { minutes } => i64::from(minutes) * 60,
    };
    let seconds = days * 86_400
        + i64::from(clock.hour) * 3_600
        + i64::from(clock.minute) * 60
        + i64::from(clock.second.unwrap_or(0))
        - offset;
    let nanoseconds = clock.nanosecond.unwrap_or(0);
    Some(Duration::new(u64::try_from(seconds).ok()?, nanoseconds))
}

/// Days from 1970-01-01 to a day of the Gregorian calendar, counted in years that begin in March so that the day a leap
/// year adds is the last of its year.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let months_since_march = (month + 9) % 12;
    let day_of_year = (153 * months_since_march + 2) / 5 + day - 1;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_counted_from_the_epoch() {
        // By `date -u -d … +%s`.
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2026-01-01T00:00:00Z", 1_767_225_600),
            ("2026-01-01T01:00:00+01:00", 1_767_225_600),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
        ] {
            assert_eq!(
                parse_time(text),
                Some(Duration::from_secs(seconds)),
                "{text}"
            );
        }
        assert_eq!(
            parse_time("1970-01-01T00:00:00.25Z"),
            Some(Duration::from_millis(250))
        );
        for text in [
            "",
            "2026-01-01",
            "2026-02-30T00:00:00Z",
            "1969-12-31T23:59:59Z",
            "2026-01-01T00:00:00",
            "now",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn bounds_have_sizes_and_durations() {
        let mut bounds = Bounds::default();
        set_bound(&mut bounds, "compute", "5 s").unwrap();
        assert_eq!(bounds, Bounds::default(), "5 s of computing is the default");
        set_bound(&mut bounds, "compute", "1000").unwrap();
        assert_eq!(bounds.fuel, 1_000);
        set_bound(&mut bounds, "memory", "64 MiB").unwrap();
        set_bound(&mut bounds, "time", "2 minutes").unwrap();
        assert_eq!(
            (bounds.memory, bounds.time),
            (64 << 20, Duration::from_secs(120))
        );
        assert!(set_bound(&mut bounds, "memory", "64").is_err());
        let message = set_bound(&mut bounds, "disk", "1 MB")
            .unwrap_err()
            .to_string();
        assert!(message.contains("\"memory\""), "{message}");
    }
}
