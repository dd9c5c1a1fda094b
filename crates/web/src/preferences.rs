//! Where a reader chooses a time zone, which their browser keeps.

use askama::Template;
use axum::response::{IntoResponse, Response};
use base::Clock;
use http::{HeaderValue, Method, StatusCode, header};
use serde::Deserialize;
use std::sync::Arc;

use crate::{
    Form, Problem, Query, Reader, Routes,
    components::{Button, Select},
    format,
    session::own_path,
    site::REMEMBERED_S,
    texts::T,
};

/// Zones to choose from: one for each way of keeping time that many people live by, by a large city.
const ZONES: [&str; 62] = [
    "Pacific/Honolulu",
    "America/Anchorage",
    "America/Los_Angeles",
    "America/Denver",
    "America/Phoenix",
    "America/Mexico_City",
    "America/Guatemala",
    "America/Chicago",
    "America/Bogota",
    "America/Lima",
    "America/Jamaica",
    "America/New_York",
    "America/Toronto",
    "America/Havana",
    "America/Caracas",
    "America/La_Paz",
    "America/Port_of_Spain",
    "America/Santiago",
    "America/Halifax",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Argentina/Buenos_Aires",
    "America/Montevideo",
    "Atlantic/Azores",
    "Atlantic/Cape_Verde",
    "UTC",
    "Africa/Abidjan",
    "Europe/London",
    "Europe/Lisbon",
    "Africa/Casablanca",
    "Africa/Lagos",
    "Africa/Algiers",
    "Europe/Zurich",
    "Europe/Paris",
    "Europe/Madrid",
    "Europe/Berlin",
    "Africa/Cairo",
    "Africa/Johannesburg",
    "Africa/Kinshasa",
    "Europe/Kiev",
    "Asia/Beirut",
    "Africa/Nairobi",
    "Africa/Addis_Ababa",
    "Asia/Riyadh",
    "Asia/Baghdad",
    "Europe/Istanbul",
    "Europe/Moscow",
    "Asia/Tehran",
    "Asia/Dubai",
    "Asia/Kabul",
    "Asia/Karachi",
    "Asia/Tashkent",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Dhaka",
    "Asia/Yangon",
    "Asia/Bangkok",
    "Asia/Shanghai",
    "Asia/Manila",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Pacific/Auckland",
];

/// The page's routes.
pub fn routes(clock: Arc<dyn Clock>) -> Routes {
    let shown = move |reader: Reader, Query(back): Query<Back>| async move { show(&*clock, &reader, &back) };
    Routes::new().page(Method::GET, "/preferences", shown).page(Method::POST, "/preferences", keep)
}

#[derive(Deserialize)]
struct Back {
    #[serde(default, rename = "return")]
    to: String,
}

#[derive(Template)]
#[template(path = "preferences.html")]
struct View<'a> {
    t: T,
    csrf: String,
    back: &'a str,
    select: Select<'a>,
    button: Button<'a>,
}

fn show(clock: &dyn Clock, reader: &Reader, back: &Back) -> Response {
    let (t, now) = (T(reader.lang), clock.now());
    let mut zones: Vec<(i64, &str, String)> = ZONES
        .into_iter()
        .map(|zone| {
            let (offset, name) = (format::offset_s(now, zone), format::city(reader.lang, zone));
            (offset, zone, format!("{} — {name}", format::offset_name(now, zone)))
        })
        .collect();
    zones.sort();
    let select = Select::new(reader.lang, "zone", t.preferences_zone())
        .help(t.preferences_zone_help())
        .none(t.preferences_none())
        .options(zones.iter().map(|(_, zone, name)| (*zone, name.as_str())))
        .chosen(reader.zone.as_deref().unwrap_or_default())
        .required();
    let view = View {
        t,
        csrf: reader.csrf(),
        back: own_path(&back.to).unwrap_or("/"),
        select,
        button: Button::submit(t.preferences_keep()),
    };
    reader.page(t.preferences_title(), &view)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Chosen {
    zone: String,
    #[serde(rename = "return")]
    to: String,
}

async fn keep(reader: Reader, Form(chosen): Form<Chosen>) -> Result<Response, Problem> {
    if !chosen.zone.is_empty() && !ZONES.contains(&chosen.zone.as_str()) {
        return Err(Problem::bad_request("zone", "There is no such time zone to choose."));
    }
    let seconds = if chosen.zone.is_empty() { 0 } else { REMEMBERED_S };
    let cookie = reader.site().cookie("zone", &chosen.zone, seconds);
    let back = reader.href(own_path(&chosen.to).unwrap_or("/"));
    let value = |text: String| HeaderValue::try_from(text).map_err(|error| Problem::internal(&error));
    let headers = [(header::LOCATION, value(back)?), (header::SET_COOKIE, value(cookie)?)];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
mod tests;
