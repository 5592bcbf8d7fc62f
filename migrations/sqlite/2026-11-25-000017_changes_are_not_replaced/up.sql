-- INSERT OR REPLACE takes a row away without a deletion that a trigger would hear of.
CREATE TRIGGER changes_are_not_replaced BEFORE INSERT ON changes
WHEN EXISTS (SELECT 1 FROM changes WHERE seq = NEW.seq)
BEGIN
  SELECT RAISE(ABORT, 'the log of changes is append-only');
END;
