//! `/design`: every part of pages, in the language and direction of whoever looks, with made-up content.

use askama::Template;
use axum::response::Response;
use base::Instant;
use http::Method;

use crate::{
    Reader, Routes,
    components::{
        Alert, Band, Breadcrumb, Button, Card, Cell, Choices, Deadline, Details, ErrorSummary, Facts, Field,
        Html, Kind, Pagination, Quote, Select, State, Steps, Table, Upload,
    },
    format::{self, Wording},
    texts::T,
};

/// The page's route.
pub fn routes() -> Routes {
    Routes::new().page(Method::GET, "/design", show)
}

/// 2026-11-28T23:00:00Z: midnight in Zurich.
const CLOSES: Instant = Instant::from_secs(1_795_906_800);
const ZONE: &str = "Europe/Zurich";

#[derive(Template)]
#[template(path = "design.html")]
struct View<'a> {
    t: T,
    bands: Vec<Band<'a>>,
    link: Html,
    breadcrumb: Breadcrumb<'a>,
    steps: Steps<'a>,
    buttons: [Button<'a>; 3],
    summary: ErrorSummary<'a>,
    fields: Fields<'a>,
    alerts: Vec<Alert<'a>>,
    states: Vec<State<'a>>,
    deadlines: Vec<Deadline<'a>>,
    facts: Facts<'a>,
    table: Table<'a>,
    pagination: Pagination<'a>,
    cards: Vec<Card<'a>>,
    quote: Quote<'a>,
    details: Details<'a>,
}

/// Every kind of field.
struct Fields<'a> {
    name: Field<'a>,
    mail: Field<'a>,
    answer: Field<'a>,
    class: Choices<'a>,
    topics: Choices<'a>,
    country: Select<'a>,
    file: Upload<'a>,
}

/// Parties that are nowhere.
const PARTIES: [(&str, &[u8]); 4] = [
    ("Republic of Examplia", b"examplia"),
    ("مكتب السجل، مثاليا", b"registry"),
    ("示例大学", b"university"),
    ("Клиника «Пример»", b"clinic"),
];

async fn show(reader: Reader) -> Response {
    let (t, lang, front) = (T(reader.lang), reader.lang, reader.href("/"));
    let (zone_page, here) = (reader.href("/preferences?return=/design"), reader.href("/design"));
    let deadline = |wording, now: i64| {
        Deadline::new(&reader, CLOSES, ZONE, wording, CLOSES.plus_secs(-now)).choose_zone_at(&zone_page)
    };
    let country = |name: &str, answers: i64, kind, word: &str| {
        [
            Cell::text(name),
            Cell::number(&format::number(lang, answers)),
            Cell::text(&format::date(lang, CLOSES.plus_secs(-answers * 9_999), ZONE)),
            Cell::of(&State::new(kind, word)),
        ]
    };
    let heads = [t.design_country(), t.design_answers(), t.design_last(), t.design_state()];
    let money = format::money(lang, 1_250_000, "CHF");
    let view = View {
        t,
        bands: PARTIES.map(|(name, key)| Band::new(&crypto::sha256(key), name)).into(),
        link: Html::link(&front, t.design_link()),
        breadcrumb: Breadcrumb::new(
            lang,
            [(front.as_str(), t.shell_home()), (here.as_str(), t.design_title())],
        ),
        steps: Steps::new(lang, [t.design_step_one(), t.design_step_two(), t.design_step_three()], 2),
        buttons: [
            Button::submit(t.design_send()),
            Button::submit(t.design_later()).secondary(),
            Button::submit(t.design_refuse()).dangerous(),
        ],
        summary: ErrorSummary::new(
            lang,
            [("mail", t.design_mail_wrong()), ("class", t.design_class_wrong())],
        ),
        fields: fields(t),
        alerts: vec![
            Alert::new(Kind::Valid, t.design_done()).text(t.design_done_text()),
            Alert::new(Kind::Refused, t.design_failed()).text(t.design_failed_text()),
            Alert::new(Kind::Waiting, t.design_waiting()),
            Alert::new(Kind::Plain, t.design_note()),
        ],
        states: vec![
            State::new(Kind::Plain, t.design_draft()),
            State::new(Kind::Valid, t.design_valid()),
            State::new(Kind::Refused, t.design_refused()),
            State::new(Kind::Waiting, t.design_suspended()),
        ],
        deadlines: vec![
            deadline(Wording::ByEndOfDay, 12 * 86_400),
            deadline(Wording::Before, 5 * 3_600),
            deadline(Wording::AtLatestBy, -1),
        ],
        facts: Facts::new()
            .code(t.design_number(), "sub_9f2k71qa")
            .text(t.design_holder(), "Wanjiru Achieng · أحمد بن علي")
            .html(t.design_amount(), Html::text(&money)),
        table: Table::new(t.design_table(), &heads)
            .row(country("Examplia", 1_204, Kind::Valid, t.design_valid()))
            .row(country("مثاليا", 87, Kind::Waiting, t.design_suspended()))
            .row(country("示例国", 3, Kind::Refused, t.design_refused())),
        pagination: Pagination::new(lang, 2, 12, Some(&here), Some(&here)),
        cards: vec![
            Card::new(t.design_card(), Html::of(&State::new(Kind::Valid, t.design_valid()))).leads_to(&here),
        ],
        quote: Quote::new(t.design_quote(), t.design_quoted()),
        details: Details::new(t.design_more(), Html::paragraph(t.design_more_text())),
    };
    reader.page(t.design_title(), &view)
}

fn fields(t: T) -> Fields<'static> {
    let lang = t.0;
    Fields {
        name: Field::text(lang, "name", t.design_name())
            .help(t.design_name_help())
            .value("Universidad de Ejemplo")
            .autocomplete("organization")
            .required(),
        mail: Field::email(lang, "mail", t.design_mail()).value("name@").error(t.design_mail_wrong()),
        answer: Field::text(lang, "answer", t.design_answer())
            .help(t.design_answer_help())
            .lines(5)
            .max_chars(2_000)
            .required(),
        class: Choices::one(lang, "class", t.design_class())
            .option("state", t.design_state_member())
            .option_with_help("academia", t.design_academia(), t.design_academia_help())
            .error(t.design_class_wrong())
            .required(),
        topics: Choices::several(lang, "topics", t.design_topics())
            .option("skills", t.design_topic_one())
            .option("connectivity", t.design_topic_two())
            .chosen(["skills"]),
        country: Select::new(lang, "country", t.design_country())
            .none(t.design_country_none())
            .options([("XA", "Examplia"), ("XB", "مثاليا"), ("XC", "示例国")])
            .required(),
        file: Upload::new(
            lang,
            "file",
            t.design_file(),
            t.design_file_help(),
            ".pdf,.txt,application/pdf,text/plain",
        ),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
