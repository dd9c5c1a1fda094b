//! Words that are spelled one way everywhere: in the database, in JSON, in canonical bytes.

/// An enum whose cases are words: `spelled! { /// A policy. pub enum Policy { /// At once. AtOnce = "at_once" } }` makes
/// `ALL`, `as_str`, `FromStr`, `Display`, serde's two traits and the JSON Schema.
macro_rules! spelled {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$case_doc:meta])* $case:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, schemars::JsonSchema,
        )]
        pub enum $name { $($(#[$case_doc])* #[serde(rename = $word)] $case,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$case),+];

            /// The word.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$case => $word,)+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::spelled::UnknownWord;
            fn from_str(word: &str) -> Result<Self, $crate::spelled::UnknownWord> {
                match word { $($word => Ok(Self::$case),)+ _ => Err($crate::spelled::UnknownWord) }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl ::store::ToValue for $name {
            fn to_value(&self) -> ::store::Value<'_> {
                ::store::Value::Text(self.as_str())
            }
        }
    };
}

pub(crate) use spelled;

/// The word is none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an unknown word")]
pub struct UnknownWord;
