//! `POST /reference/wording`: what the registry makes of the wording of a ledger or a form.

use actix_web::post;
use chrono::Datelike;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::http::{Answered, Ask};
use crate::kernel::error::ApiError;
use crate::kernel::language::Message;
use crate::kernel::values::{Amount, Area, ImpreciseDate, Money};
use crate::kernel::wording::{
    Choice, Context, Note, Order, Parties, Reading, Term, order_of, read_area, read_count,
    read_date, read_money, read_parties, read_term, stated_unit,
};

/// Kind of value to read a text as. `parties` are the organizations that a cell names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WordingKind {
    Date,
    Term,
    Money,
    Area,
    Count,
    Parties,
}

/// Texts to read, and the kinds of values to read them as.
#[derive(Clone, Debug, Deserialize, ToSchema, Validate)]
pub struct WordingQuestion {
    /// Texts as a source writes them, such as the cells of one column: the order in which one of them
    /// writes its dates then holds for the others.
    #[schema(min_items = 1, max_items = 200, example = json!(["체결일로부터 2년(이의 없으면 1년씩 자동 연장)", "2024년까지"]))]
    pub texts: Vec<WordingText>,
    /// Kinds of values to read each text as.
    #[schema(min_items = 1, max_items = 6, example = json!(["term"]))]
    pub kinds: Vec<WordingKind>,
    /// Unit of numbers without one, such as that in the header of the column; null if unknown.
    #[schema(max_length = 50, pattern = r"^.+$", example = "억원")]
    #[serde(default)]
    pub unit: Option<String>,
    /// Whether the dates lie in the past, as days of signing do, so that no short year (`'21`) is a
    /// future one.
    #[serde(default)]
    pub past: bool,
}

/// Text as a source writes it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, max_length = 2000)]
pub struct WordingText(String);

/// Readings of texts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WordingAnswer {
    /// Readings of the texts, in their order.
    pub readings: Vec<WordingReading>,
}

/// Readings of a text: null for each kind that was not asked for.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WordingReading {
    /// The text without white space around it.
    #[schema(example = "2024년까지")]
    pub as_stated: String,
    /// Reading as a date, as agreements take it.
    pub date: Option<DateReading>,
    /// Reading as the term of an agreement.
    pub term: Option<TermReading>,
    /// Reading as an amount of money.
    pub money: Option<MoneyReading>,
    /// Reading as an area.
    pub area: Option<AreaReading>,
    /// Reading as a number of something.
    pub count: Option<CountReading>,
    /// Reading as the parties of an agreement.
    pub parties: Option<PartiesReading>,
}

/// Defines the reading of a kind, and its choice.
macro_rules! readings {
    ($($reading:ident $choice:ident $value:ty, $doc:literal $choice_doc:literal;)*) => {$(
        #[doc = $doc]
        #[derive(Clone, Debug, Serialize, ToSchema)]
        pub struct $reading {
            /// The value; null if the text is blank, has no value of this kind, or can be read in several
            /// ways. It may hold the wording alone.
            pub value: Option<$value>,
            /// The values that the text can have if there are several: a person must choose.
            pub choices: Vec<$choice>,
            /// Remarks on the reading.
            pub notes: Vec<Note>,
        }

        #[doc = $choice_doc]
        #[derive(Clone, Debug, Serialize, ToSchema)]
        pub struct $choice {
            /// The value in this reading.
            pub value: $value,
            /// How the text is read in this way.
            #[schema(example = json!({"ko": "연·월·일의 순서로 읽음", "en": "Read as year, month, day"}))]
            pub reason: Message,
        }

        impl From<Reading<$value>> for $reading {
            fn from(reading: Reading<$value>) -> Self {
                let choice = |Choice { value, reason }| $choice { value, reason };
                Self {
                    value: reading.value,
                    choices: reading.choices.into_iter().map(choice).collect(),
                    notes: reading.notes,
                }
            }
        }
    )*};
}

readings! {
    DateReading DateChoice ImpreciseDate,
        "Reading of a text as a date." "One of several dates that a text can mean.";
    TermReading TermChoice Term,
        "Reading of a text as a term." "One of several terms that a text can mean.";
    MoneyReading MoneyChoice Money,
        "Reading of a text as money." "One of several amounts of money that a text can mean.";
    AreaReading AreaChoice Area,
        "Reading of a text as an area." "One of several areas that a text can mean.";
    CountReading CountChoice Amount,
        "Reading of a text as a count." "One of several counts that a text can mean.";
    PartiesReading PartiesChoice Parties,
        "Reading of a text as parties." "One of several lists of parties that a text can mean.";
}

impl WordingQuestion {
    fn context(&self, this_year: i32) -> Context {
        let context = match self.past {
            true => Context::past(this_year),
            false => Context::default(),
        };
        let texts = self.texts.iter().map(|text| text.0.as_str());
        Context {
            // One text is no column.
            order: match self.texts.len() {
                1 => Order::Unknown,
                _ => order_of(texts, context.years),
            },
            unit: self.unit.as_deref().map(stated_unit),
            ..context
        }
    }

    fn read(&self, text: &str, context: &Context) -> WordingReading {
        let asked = |kind| self.kinds.contains(&kind).then_some(text);
        WordingReading {
            as_stated: text.trim().to_owned(),
            date: asked(WordingKind::Date).map(|text| read_date(text, context).into()),
            term: asked(WordingKind::Term).map(|text| read_term(text, context).into()),
            money: asked(WordingKind::Money).map(|text| read_money(text, context).into()),
            area: asked(WordingKind::Area).map(|text| read_area(text, context).into()),
            count: asked(WordingKind::Count).map(|text| read_count(text, context).into()),
            parties: asked(WordingKind::Parties)
                .map(|text| read_parties(text, context, &|_| false).into()),
        }
    }
}

/// Read the wording of a ledger or a form
///
/// Reads texts as Korean ledgers write them: dates and spans, terms with
/// automatic renewal, amounts of money, areas, counts and cells of parties. Values are as agreements
/// take them. A text that is not understood is kept as its wording, with a note; a text with two
/// readings has choices and no value. Nothing is recorded.
#[utoipa::path(tag = "reference", operation_id = "read_wording", request_body = WordingQuestion,
    responses((status = 200, description = "The readings", body = WordingAnswer)))]
#[post("/reference/wording")]
pub async fn read_wording(ask: Ask<WordingQuestion>) -> Result<Answered<WordingAnswer>, ApiError> {
    ask.value(|_, cx, question| {
        let context = question.context(cx.today.year());
        let texts = question.texts.iter();
        let readings = texts.map(|text| question.read(&text.0, &context)).collect();
        Ok(WordingAnswer { readings })
    })
    .await
}
