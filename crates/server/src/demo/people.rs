//! The made-up people of a made-up country: the same ones for the same seed.

use crypto::{Random, SeededRandom, random_array};
use serde_json::{Map, Value, json};

/// The made-up country, with a code that ISO 3166-1 leaves to users.
pub(super) const COUNTRY: &str = "XZ";
/// How many people it has.
pub(super) const PEOPLE: usize = 1_000;

const GIVEN: [&str; 40] = [
    "Amaru", "Belisa", "Cadro", "Dalinde", "Edou", "Farisse", "Galene", "Hamiro", "Ilvane", "Jarou",
    "Kelisa", "Lomar", "Mirande", "Nasiba", "Ondrel", "Pashira", "Quenna", "Rovane", "Salimé", "Tavo",
    "Ulmira", "Vasco", "Wenda", "Xolani", "Yarine", "Zubeda", "Anouk", "Bastou", "Cirène", "Doma", "Élori",
    "Fenno", "Guira", "Hesper", "Imani", "Jolinda", "Karimu", "Lisandre", "Mousso", "Nerida",
];
const FAMILY: [&str; 40] = [
    "Abaru",
    "Bentola",
    "Cassiro",
    "Dembasa",
    "Ekwara",
    "Ferrando",
    "Gorimba",
    "Halvane",
    "Ismayel",
    "Jombari",
    "Katenge",
    "Lundara",
    "Mbaro",
    "Ndalika",
    "Oruvane",
    "Pellimo",
    "Quartoum",
    "Rasilva",
    "Sombaru",
    "Tidjara",
    "Umbrelo",
    "Valtane",
    "Wassira",
    "Xiboma",
    "Yandaru",
    "Zamora-Ndé",
    "Alcanta",
    "Bororo",
    "Chelimo",
    "Dossari",
    "Évora",
    "Fombane",
    "Gasparu",
    "Horando",
    "Ilunga-Sé",
    "Jastrow",
    "Kimbaya",
    "Lasorda",
    "Mirembe",
    "Nolasco",
];
const TOWNS: [&str; 12] = [
    "Port-Sahar",
    "Mbelu",
    "Arvanda",
    "Tiko-Nord",
    "Lagunar",
    "Sant Elmo",
    "Karisa",
    "Dune-Haute",
    "Olembe",
    "Varzin",
    "Quillay",
    "Nouvelle-Rive",
];

/// Everybody's attributes.
pub(super) fn people() -> Vec<Map<String, Value>> {
    let random = SeededRandom::new(1_000);
    (0..PEOPLE).map(|i| person(i, &random)).collect()
}

fn person(i: usize, random: &dyn Random) -> Map<String, Value> {
    let pick = |n: usize| usize::from(u16::from_be_bytes(random_array(random))) % n;
    let choose = |list: &'static [&'static str]| list.get(pick(list.len())).copied().unwrap_or_default();
    let (year, month, day) = (1935 + pick(88), 1 + pick(12), 1 + pick(28));
    let person = json!({
        "given_name": choose(&GIVEN),
        "family_name": choose(&FAMILY),
        "birthdate": format!("{year}-{month:02}-{day:02}"),
        "place_of_birth": { "country": COUNTRY, "locality": choose(&TOWNS) },
        "nationalities": [COUNTRY],
        "sex": 1 + pick(2),
        "address": {
            "street_address": format!("{} Rue {}", 1 + pick(200), choose(&FAMILY)),
            "postal_code": format!("{:05}", 10_000 + pick(50_000)),
            "locality": choose(&TOWNS),
            "country": COUNTRY,
        },
        "personal_administrative_number": format!("XZ-{:06}-{:02}", i + 1, (i * 37 + 11) % 97),
    });
    match person {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
