//! The list that everybody reads: every combination of filters, page by page, against what is in it.

use base::{Instant, Lang};

use super::{World, each};
use crate::{
    After, Answer, Country, Entry, Filter, PartyClass, Policy, QuestionId, SubmissionLang,
    fixture::{CLOSES, GRACE_MS, OPENS, secretary, submission},
};

const CLASSES: [PartyClass; 3] = [PartyClass::MemberState, PartyClass::Private, PartyClass::Academia];
const COUNTRIES: [Option<&str>; 4] = [Some("KE"), Some("FR"), Some("BR"), None];
const LANGS: [Lang; 2] = [Lang::En, Lang::Ru];

async fn pages(w: &World, filter: &Filter, limit: i64) -> Vec<Entry> {
    let (mut all, mut after): (Vec<Entry>, Option<After>) = (Vec::new(), None);
    loop {
        let page = w.forum.list("OTT", filter.clone(), after, limit).await.unwrap();
        assert!(page.entries.len() <= usize::try_from(limit).unwrap());
        all.extend(page.entries);
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

#[tokio::test]
async fn every_filter_finds_what_it_should_page_by_page() {
    each(async |w: World| {
        w.open("OTT", Policy::AtClose).await;
        for n in 0..60_u64 {
            let at = usize::try_from(n).unwrap();
            let mut new = submission("OTT", &format!("Party {} 100%", n % 7), n);
            new.party.class = CLASSES[at % 3];
            new.party.country = COUNTRIES[at / 2 % 4].and_then(|c| c.parse::<Country>().ok());
            new.lang = SubmissionLang::from(LANGS[at / 5 % 2]);
            if n % 4 == 0 {
                new.answers.insert(QuestionId::new("q2").unwrap(), Answer::Text("More".to_owned()));
            }
            // Several in the same millisecond.
            w.receive_at(Instant::from_ms(OPENS.ms() + i64::try_from(n / 3).unwrap()), new).await.unwrap();
        }
        w.clock.set(CLOSES.plus_ms(GRACE_MS));
        w.forum.publish_call(&secretary(), "OTT").await.unwrap();
        let all = pages(&w, &Filter::default(), 7).await;
        assert_eq!(all.len(), 60);
        assert!(all.windows(2).all(|two| (two[0].received_at, two[0].id) < (two[1].received_at, two[1].id)));
        let mut has_more = Vec::new();
        for entry in pages(&w, &Filter { question: QuestionId::new("q2"), ..Filter::default() }, 4).await {
            has_more.push(entry.id);
        }
        assert_eq!(has_more.len(), 15);
        let some = |text: &str| Some(text.to_owned());
        for class in [None, Some(PartyClass::Private), Some(PartyClass::Igo)] {
            for country in [None, COUNTRIES[0], COUNTRIES[2]] {
                for lang in [None, Some(Lang::Ru)] {
                    for question in [None, QuestionId::new("q2")] {
                        for text in [None, some("PARTY 3"), some("0%"), some("_")] {
                            let filter = Filter {
                                class,
                                region: None,
                                country: country.and_then(|c| c.parse().ok()),
                                lang: lang.map(SubmissionLang::from),
                                question: question.clone(),
                                text: text.clone(),
                            };
                            let expected: Vec<_> = all
                                .iter()
                                .filter(|e| {
                                    class.is_none_or(|c| e.party.class == c)
                                        && filter.country.is_none_or(|c| e.party.country == Some(c))
                                        && filter.lang.as_ref().is_none_or(|l| e.lang == *l)
                                        && (question.is_none() || has_more.contains(&e.id))
                                        && text.as_ref().is_none_or(|t| {
                                            e.party.name.to_lowercase().contains(&t.to_lowercase())
                                        })
                                })
                                .cloned()
                                .collect();
                            assert_eq!(pages(&w, &filter, 5).await, expected, "{filter:?}");
                        }
                    }
                }
            }
        }
        // The facets say how many each filter finds.
        let facets = w.forum.facets("OTT").await.unwrap();
        for facet in &facets.classes {
            let found = pages(&w, &Filter { class: Some(facet.value), ..Filter::default() }, 50).await;
            assert_eq!(i64::try_from(found.len()).unwrap(), facet.count);
        }
        for facet in &facets.regions {
            let found = pages(&w, &Filter { region: Some(facet.value), ..Filter::default() }, 50).await;
            assert_eq!(i64::try_from(found.len()).unwrap(), facet.count);
        }
        assert_eq!(facets.classes.iter().map(|f| f.count).sum::<i64>(), 60);
        assert_eq!(facets.countries.iter().map(|f| f.count).sum::<i64>(), 46);
        assert_eq!(facets.questions.iter().map(|f| f.count).collect::<Vec<_>>(), [60, 15]);
    })
    .await;
}
