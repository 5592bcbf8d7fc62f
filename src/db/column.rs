//! Typed text columns: values stored as JSON, and enums stored by their name.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::{Nullable, Text};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value that a column holds as JSON.
///
/// A row that holds something else is `unavailable` (`cannot_read`), and a value that cannot be
/// written an `internal_error`.
#[derive(Clone, Copy, Debug, FromSqlRow)]
pub struct Json<T>(pub T);

/// An enum value that a column holds by its name in JSON. To write or compare one, use
/// [`to_db`](crate::kernel::values::to_db).
#[derive(Clone, Copy, Debug, FromSqlRow)]
pub struct Name<T>(pub T);

impl<T: DeserializeOwned, DB: Backend> FromSql<Text, DB> for Json<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}

impl<T: DeserializeOwned, DB: Backend> FromSql<Text, DB> for Name<T>
where
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        Ok(Self(serde_json::from_value(text.into())?))
    }
}

/// A value as JSON, or the reason it cannot be written.
#[derive(Debug, AsExpression)]
#[diesel(sql_type = Text)]
pub struct JsonText(serde_json::Result<String>);

impl<DB: Backend> ToSql<Text, DB> for JsonText
where
    str: ToSql<Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        match &self.0 {
            Ok(text) => text.as_str().to_sql(out),
            Err(error) => Err(error.to_string().into()),
        }
    }
}

macro_rules! json_expressions {
    ($($json:ty, $sql_type:ty;)*) => {$(
        impl<T: Serialize> AsExpression<$sql_type> for $json {
            type Expression = <JsonText as AsExpression<$sql_type>>::Expression;

            fn as_expression(self) -> Self::Expression {
                let text = JsonText(serde_json::to_string(&self.0));
                AsExpression::<$sql_type>::as_expression(text)
            }
        }
    )*};
}

json_expressions! {
    Json<T>, Text;
    &Json<T>, Text;
    Json<T>, Nullable<Text>;
}
