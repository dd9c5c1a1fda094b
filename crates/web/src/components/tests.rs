use askama::Template;
use base::{Instant, Lang};

use super::*;
use crate::{Reader, Site, format::Wording};

/// Something that would run if it were not escaped, in an element or in an attribute.
const HOSTILE: &str = "\"'><script>alert(1)</script>&amp;{{ 1 }}";

fn every_component() -> Vec<(&'static str, String)> {
    let lang = Lang::En;
    let h = HOSTILE;
    let said = |component: &dyn fmt::Display| component.to_string();
    vec![
        ("button", said(&Button::submit(h).sends(h, h))),
        ("link", said(&Button::link(h, h).dangerous())),
        ("field", said(&Field::text(lang, h, h).value(h).help(h).error(h))),
        ("lines", said(&Field::text(lang, h, h).value(h).help(h).error(h).lines(3))),
        ("choices", said(&Choices::one(lang, h, h).option_with_help(h, h, h).chosen([h]).help(h).error(h))),
        ("select", said(&Select::new(lang, h, h).none(h).options([(h, h)]).chosen(h).help(h).error(h))),
        ("upload", said(&Upload::new(lang, h, h, h, h).error(h))),
        ("summary", said(&ErrorSummary::new(lang, [(h, h)]))),
        ("state", said(&State::new(Kind::Valid, h))),
        ("alert", said(&Alert::new(Kind::Refused, h).text(h))),
        ("facts", said(&Facts::new().text(h, h).code(h, h))),
        ("card", said(&Card::new(h, Html::text(h)).leads_to(h))),
        ("quote", said(&Quote::new(h, h))),
        ("details", said(&Details::new(h, Html::paragraph(h)))),
        ("band", said(&Band::new(&[7; 32], h))),
        ("table", said(&Table::new(h, &[h, h]).row([Cell::text(h), Cell::number(h)]))),
        ("pagination", said(&Pagination::new(lang, 1, 2, Some(h), Some(h)))),
        ("breadcrumb", said(&Breadcrumb::new(lang, [(h, h)]))),
        ("steps", said(&Steps::new(lang, [h], 1))),
    ]
}

#[test]
fn what_comes_from_outside_stays_text() {
    for (name, html) in every_component() {
        assert!(html.contains("script"), "{name} shows nothing: {html}");
        for breaks_out in ["<script", "\"'>", "{{ 1 }}</script"] {
            assert!(!html.contains(breaks_out), "{name}: {html}");
        }
        let count = |what: &str| html.matches(what).count();
        assert_eq!(count("\"") % 2, 0, "{name}: {html}");
        assert_eq!(count("<"), count(">"), "{name}: {html}");
    }
}

/// A component in the template of a feature is not escaped again.
#[test]
fn components_stand_in_templates() {
    #[derive(Template)]
    #[template(ext = "html", source = "{{ button }}{{ html }}{{ text }}")]
    struct Page<'a> {
        button: Button<'a>,
        html: Html,
        text: &'a str,
    }
    let page = Page { button: Button::submit("Go"), html: Html::paragraph("a"), text: "<p>" };
    assert_eq!(page.to_string(), "<button class=\"button \">Go</button><p>a</p>&#60;p&#62;");
}

/// Errors lead to the field that they are about, which says that it is wrong.
#[test]
fn faults_lead_to_their_fields() {
    let summary = ErrorSummary::new(Lang::Ru, [("mail", "нет адреса"), ("class", "выберите")]).to_string();
    assert!(summary.contains("2 ответа нужно проверить"), "{summary}");
    let mail = Field::email(Lang::Ru, "mail", "Почта").error("нет адреса").to_string();
    let class = Choices::one(Lang::Ru, "class", "Кто").option("a", "Первый").error("выберите").to_string();
    for (name, field) in [("mail", mail), ("class", class)] {
        assert!(summary.contains(&format!("href=\"#f-{name}\"")), "{summary}");
        assert!(field.contains(&format!("id=\"f-{name}\"")), "{field}");
        assert!(field.contains(&format!("id=\"e-{name}\"")), "{field}");
        assert!(field.contains(&format!(" e-{name}\"")), "{field}");
    }
    assert_eq!(ErrorSummary::new(Lang::Ru, []).to_string(), "");
}

#[test]
fn a_deadline_is_said_in_three_zones() {
    let uri = "/x".parse().unwrap();
    let mut reader = Reader::of(&Site::default(), &uri, &http::HeaderMap::new());
    // 2026-11-28T23:00:00Z: midnight in Zurich.
    let closes = Instant::from_secs(1_795_906_800);
    let shown = |reader: &Reader, left: i64| {
        let now = closes.plus_secs(-left);
        let made = Deadline::new(reader, closes, "Europe/Zurich", Wording::ByEndOfDay, now);
        let text = made.choose_zone_at("/preferences").to_string();
        text.chars().filter(|c| !matches!(c, '\u{2066}'..='\u{2069}')).collect::<String>()
    };
    let early = shown(&reader, 5 * 86_400);
    for part in [
        "<strong>By the end of 28 November 2026 (Zurich time, UTC+1)</strong>",
        "<time datetime=\"2026-11-28T23:00:00.000Z\">Exactly: 28 November 2026, 23:00 (UTC)</time>",
        "5 days left",
        "href=\"/preferences\"",
        "deadline plain",
    ] {
        assert!(early.contains(part), "{part}\n{early}");
    }
    reader.zone = Some("Asia/Shanghai".to_owned());
    let own = shown(&reader, 86_400);
    assert!(own.contains("For you: 29 November 2026, 07:00 (Shanghai time, UTC+8)"), "{own}");
    assert!(own.contains("deadline waiting") && !own.contains("/preferences"), "{own}");
    // At the instant itself it is over.
    assert!(shown(&reader, 1).contains("1 minute left"));
    assert!(shown(&reader, 0).contains("It is over") && shown(&reader, 0).contains("deadline plain"));
}

/// Readers who hear a table that has become cards still hear a table.
#[test]
fn a_table_says_what_each_cell_is() {
    let table = Table::new("Answers", &["Country", "Number"]).row([Cell::text("مثاليا"), Cell::number("12")]);
    let html = table.to_string();
    for part in [
        "<th role=\"columnheader\" scope=\"col\" class=\"number\">Number</th>",
        "<th role=\"rowheader\" scope=\"row\"><bdi>مثاليا</bdi></th>",
        "<td role=\"cell\" data-head=\"Number\" class=\"number\">12</td>",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
}
