use super::*;

fn written(metrics: &Metrics) -> String {
    let mut text = Text::default();
    metrics.write(&mut text);
    text.0
}

#[test]
fn requests_are_counted_by_route_method_and_status() {
    let metrics = Metrics::new();
    let route = metrics.at(metrics.index("/people/{id}"));
    route.count(&Method::GET, StatusCode::OK, Duration::from_micros(500));
    route.count(&Method::GET, StatusCode::OK, Duration::from_micros(501));
    route.count(&Method::GET, StatusCode::NOT_FOUND, Duration::from_mins(1));
    let own = Method::from_bytes(b"ULMIRA").unwrap();
    assert_eq!(metrics.at(0).count(&own, StatusCode::IM_A_TEAPOT, Duration::ZERO), "other");
    let text = written(&metrics);
    for line in [
        "# TYPE sahihi_http_requests_total counter",
        "sahihi_http_requests_total{route=\"/people/{id}\",method=\"GET\",status=\"200\"} 2",
        "sahihi_http_requests_total{route=\"/people/{id}\",method=\"GET\",status=\"404\"} 1",
        "sahihi_http_requests_total{route=\"-\",method=\"other\",status=\"other\"} 1",
        "# TYPE sahihi_http_request_seconds histogram",
        "sahihi_http_request_seconds_bucket{route=\"/people/{id}\",le=\"0.0005\"} 1",
        "sahihi_http_request_seconds_bucket{route=\"/people/{id}\",le=\"0.001\"} 2",
        "sahihi_http_request_seconds_bucket{route=\"/people/{id}\",le=\"10\"} 2",
        "sahihi_http_request_seconds_bucket{route=\"/people/{id}\",le=\"+Inf\"} 3",
        "sahihi_http_request_seconds_sum{route=\"/people/{id}\"} 60.001001",
        "sahihi_http_request_seconds_count{route=\"/people/{id}\"} 3",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("ULMIRA"));
}

#[test]
fn there_is_a_place_for_each_route_and_no_more() {
    let metrics = Metrics::new();
    let names: Vec<String> = (0..ROUTES_MAX).map(|n| format!("/{n}")).collect();
    let places: std::collections::BTreeSet<usize> = names.iter().map(|name| metrics.index(name)).collect();
    assert_eq!((places.len(), places.contains(&0)), (ROUTES_MAX, false));
    for name in &names {
        assert_eq!(metrics.at(metrics.index(name)).pattern(), name);
    }
    assert_eq!(metrics.index("/one more"), 0);
    assert_eq!(metrics.at(0).pattern(), UNMATCHED);
}

#[test]
fn labels_are_escaped() {
    let mut text = Text::default();
    text.sample("a", &[("b", "c\"d\\e\nf")], 1);
    assert_eq!(text.0, "a{b=\"c\\\"d\\\\e\\nf\"} 1\n");
}
