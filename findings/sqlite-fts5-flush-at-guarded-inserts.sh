#!/usr/bin/env bash
# apsw 3.50.4.0 (SQLite 3.50.4): an insert into a table with a trigger that may abort makes FTS5 write what
# it has collected.
#
# FTS5 collects the terms of a transaction in memory, and writes them as one segment at its end. A statement
# that may fail in its middle, such as an insert into a table with a trigger that raises ABORT, opens a
# savepoint of its own, and each savepoint makes FTS5 write all that it has collected so far. A transaction
# that inserts into both tables in turn thus writes a segment for each row and merges them again and again,
# although no statement names a savepoint and no row is refused.
#
# Why it matters: an append-only log that triggers guard, beside a search index, costs the index its batch:
# below, the same hundred rows take more than twice the changes. Exits with an error when the behaviour has
# changed. Needs Python 3 with venv.
set -euo pipefail
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install --quiet --disable-pip-version-check apsw==3.50.4.0
"$dir/venv/bin/python" - <<'PYTHON'
import sys

import apsw

ROWS = 100


def changes(guarded):
    """Returns the number of rows that the transaction wrote, those of the index included."""
    db = apsw.Connection(":memory:")
    db.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
    db.execute("CREATE TABLE log (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL)")
    if guarded:
        db.execute(
            "CREATE TRIGGER guard BEFORE INSERT ON log WHEN EXISTS (SELECT 1 FROM log WHERE seq = NEW.seq) "
            "BEGIN SELECT RAISE(ABORT, 'append-only'); END"
        )
    with db:
        for seq in range(ROWS):
            db.execute("INSERT INTO words (text) VALUES (?)", (f"word{seq} common",))
            db.execute("INSERT INTO log VALUES (?, 'entry')", (seq,))
    return db.total_changes()


plain, guarded = changes(False), changes(True)
print(f"SQLite {apsw.sqlite_lib_version()}, {ROWS} rows: {plain} rows written, with the trigger {guarded}")
sys.exit(0 if guarded > 2 * plain else 1)
PYTHON
