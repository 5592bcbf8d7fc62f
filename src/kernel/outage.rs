//! Outages: what keeps the server from answering, and database errors as API errors.
//!
//! diesel names the kind of a database error where a rule of the schema was broken, a transaction
//! was too slow, or the connection is lost. It hides the code of all others (SQLSTATE, SQLite's
//! result code), and texts differ by version and language. No rule of the registry relies on these
//! others, so they are states of the database: a cancelled statement, a full disk, a damaged page, a
//! table that is not there. They are `unavailable`.

use diesel::result::{DatabaseErrorKind as Kind, Error as DbError};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{Again, ApiError, Code};
use super::language::Message;

macro_rules! outages {
    ($($(#[$doc:meta])* $name:ident = $en:literal, $ko:literal;)*) => {
        /// What keeps the server from answering, with `unavailable`; absent if it is not known.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Outage { $($(#[$doc])* $name,)* }

        impl Outage {
            /// Returns the explanation for callers and operators.
            pub fn message(self) -> Message {
                match self { $(Self::$name => Message::fixed($ko, $en),)* }
            }
        }
    };
}

outages! {
    /// No connection to the database can be opened.
    CannotConnect = "The database cannot be reached.", "데이터베이스에 연결할 수 없습니다.";
    /// The database, or the network to it, does not answer in time.
    NoAnswer = "The database does not answer.", "데이터베이스가 응답하지 않습니다.";
    /// The database refuses reads.
    CannotRead = "The database cannot be read.", "데이터베이스를 읽을 수 없습니다.";
    /// The database takes no writes: it is a standby, or opened for reading only.
    ReadOnly = "The database is read-only, or a standby.", "데이터베이스가 읽기 전용이거나 대기 서버입니다.";
    /// The last write failed, and nothing has shown since that another would succeed.
    CannotWrite = "The database cannot be written.", "데이터베이스에 쓸 수 없습니다.";
    /// The disk of the database has no room left.
    DiskFull = "The disk of the database is full.", "데이터베이스의 디스크가 가득 찼습니다.";
    /// The database lacks migrations of this program.
    MigrationsMissing = "The database lacks migrations: run `mou-registry migrate`.", "데이터베이스에 마이그레이션이 빠져 있습니다. `mou-registry migrate`를 실행하십시오.";
    /// The database has migrations of a newer program.
    MigrationsUnknown = "The database has migrations of a newer version of the program.", "데이터베이스에 더 새로운 버전의 마이그레이션이 있습니다.";
    /// The file of the database was moved away or replaced.
    FileMoved = "The file of the database was moved away or replaced.", "데이터베이스 파일이 옮겨졌거나 바뀌었습니다.";
    /// The store of the files does not answer, or refuses.
    FilesUnreachable = "The store of the files cannot be reached.", "파일을 보관하는 저장소에 연결할 수 없습니다.";
}

/// The one place where database errors become API errors.
impl From<DbError> for ApiError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::NotFound => Self::not_found(),
            DbError::DatabaseError(kind, _) => Self::of_kind(kind, error),
            // Stored text that cannot be read: a damaged page, or rows of another version.
            DbError::DeserializationError(_) => {
                Self::out_of_order(Outage::CannotRead).because(error)
            }
            DbError::RollbackErrorOnCommit { commit_error, .. } => (*commit_error).into(),
            // The connection was lost earlier in the transaction.
            DbError::BrokenTransactionManager => Self::unavailable(error),
            _ => Self::internal(error),
        }
    }
}

impl ApiError {
    fn of_kind(kind: Kind, error: DbError) -> Self {
        match kind {
            Kind::SerializationFailure => Self::collision(),
            Kind::UniqueViolation => Self {
                // Rules look for duplicates first, so another transaction wrote this one a moment
                // ago: on retry the rule sees the duplicate and names it.
                again: Again::Collision,
                ..Self::new(Code::Conflict).because(error)
            },
            Kind::ForeignKeyViolation => Self::with(
                Code::Conflict,
                "다른 기록이 이 기록을 가리키거나, 가리키는 기록이 없습니다.",
                "Another record refers to this one, or a record that it refers to is gone.",
            )
            .because(error),
            Kind::NotNullViolation
            | Kind::CheckViolation
            | Kind::RestrictViolation
            | Kind::ExclusionViolation => Self::internal(error),
            Kind::ReadOnlyTransaction => Self::out_of_order(Outage::ReadOnly).because(error),
            Kind::ClosedConnection | Kind::UnableToSendCommand => Self::unavailable(error),
            _ => Self {
                again: Again::Perhaps,
                ..Self::unavailable(error)
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn of(kind: Kind) -> ApiError {
        DbError::DatabaseError(kind, Box::new("말로는 알 수 없음".to_owned())).into()
    }

    #[rstest]
    #[case(Kind::UniqueViolation, Code::Conflict, true)]
    #[case(Kind::ForeignKeyViolation, Code::Conflict, false)]
    #[case(Kind::SerializationFailure, Code::Unavailable, true)]
    #[case(Kind::ReadOnlyTransaction, Code::Unavailable, false)]
    #[case(Kind::ClosedConnection, Code::Unavailable, false)]
    #[case(Kind::Unknown, Code::Unavailable, true)]
    #[case(Kind::CheckViolation, Code::Internal, false)]
    fn errors_are_classified_by_kind(#[case] kind: Kind, #[case] code: Code, #[case] again: bool) {
        let error = of(kind);
        assert_eq!((error.code, error.may_pass()), (code, again));
        assert_eq!(error.retry_after.is_some(), code == Code::Unavailable);
    }

    #[test]
    fn a_lost_connection_is_an_outage_wherever_it_shows() {
        let lost = || DbError::DatabaseError(Kind::ClosedConnection, Box::new(String::new()));
        let on_commit = DbError::RollbackErrorOnCommit {
            rollback_error: Box::new(DbError::BrokenTransactionManager),
            commit_error: Box::new(lost()),
        };
        for error in [lost(), on_commit, DbError::BrokenTransactionManager] {
            assert_eq!(ApiError::from(error).code, Code::Unavailable);
        }
    }
}
